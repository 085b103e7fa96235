"""Figures for Prometheus: counts only, nothing that names a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dialplans.contracts import events as ev
from gateway import roles
from gateway.errors import Problem
from gateway.identity.principal import Principal, came_from_here
from gateway.live.feed import Feed
from gateway.records.call import OVER, CallState
from gateway.records.store import Batch
from gateway.settings import Settings

_ANSWER = (0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10)
_GAP = (0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 5)
_WAIT = (2, 5, 10, 20, 30, 60, 120, 300, 600)
_STATES: list[str] = [state for state in CallState if state not in OVER]


class Metrics:
    """`count` takes what this gateway committed, so that several gateways add up to the truth."""

    def __init__(self, feed: Feed) -> None:
        self.registry = CollectorRegistry()
        self.answer = self._histogram("answer_seconds", "From INVITE to 200 OK.", _ANSWER)
        self.gap = self._histogram("turn_gap_seconds", "From last word to first sound.", _GAP)
        self.waits = self._histogram("wait_seconds", "Wish for a person until one came.", _WAIT)
        self.events = self._counter("events", "Events stored, by kind.", "kind")
        self.refused = self._counter("refused", "Calls refused, by reason.", "reason")
        self.ended = self._counter("ended", "Calls ended, by cause.", "cause")
        self.tokens = self._counter("tokens", "LiveKit tokens made, by purpose.", "purpose")
        self.shown_out = self._counter("shown_out", "Participants removed from rooms.", "why")
        self.sign_ins = self._counter(
            "sign_ins", "Tries to sign in: ok, wrong, refused for too many.", "result"
        )
        self.streams = Gauge(
            "switchboard_streams", "Open consoles at this gateway.", registry=self.registry
        )
        self.streams.set_function(lambda: feed.open_streams)
        self.registry.register(_Now(feed))

    def also(self, part: str, figures: Callable[[], dict[str, float]]) -> None:
        """Figures of another part, one gauge with what they say as label."""
        self.registry.register(_Figures(part, figures))

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"switchboard_{name}", text, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, text: str, label: str) -> Counter:
        return Counter(f"switchboard_{name}", text, [label], registry=self.registry)

    def count(self, batch: Batch) -> None:
        for entry in batch.entries:
            if entry.seq is None:
                continue
            event = entry.event
            self.events.labels(event.kind).inc()
            match event:
                case ev.Answered(setup_ms=float() as setup):
                    self.answer.observe(setup / 1000)
                case ev.Turn():
                    self.gap.observe(event.gap_ms / 1000)
                case ev.Refused():
                    self.refused.labels(event.reason).inc()
                case ev.Ended(leg=None):
                    self.ended.labels(event.cause).inc()
                case _:
                    pass
        over = {e.event.call for e in batch.entries if _is_over(e.event)}
        for row in batch.rows:
            if row.id in over and row.wait_s is not None:
                self.waits.observe(row.wait_s)


def _is_over(event: ev.Event) -> bool:
    """The call ended, and not only a phone that was dialled into it."""
    return isinstance(event, ev.Ended) and event.leg is None


class _Figures(Collector):
    def __init__(self, part: str, figures: Callable[[], dict[str, float]]) -> None:
        self._part = part
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        found = GaugeMetricFamily(
            f"switchboard_{self._part}", f"Figures of the {self._part}.", labels=["what"]
        )
        for what, value in self._figures().items():
            found.add_metric([what], value)
        yield found


class _Now(Collector):
    """Read off the live state when asked, so that a gauge can never be left standing."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def collect(self) -> Iterable[Metric]:
        live_state = self._feed.live_state
        states = [c.state for c in live_state.live.values()]
        calls = GaugeMetricFamily("switchboard_calls", "Live calls by state.", labels=["state"])
        for state in _STATES:
            calls.add_metric([state], states.count(state))
        yield calls
        queues = GaugeMetricFamily("switchboard_queue", "Callers waiting.", labels=["queue"])
        waiting = [c.wanted.queue or "" for c in live_state.live.values() if c.wanted]
        for queue in sorted(set(waiting)):
            queues.add_metric([queue], waiting.count(queue))
        yield queues
        desks = GaugeMetricFamily("switchboard_seats", "Desks by state.", labels=["state"])
        seats = [s.state for s in live_state.seats.values()]
        for state in sorted(set(seats)):
            desks.add_metric([state], seats.count(state))
        yield desks
        jobs = GaugeMetricFamily("switchboard_jobs", "Calls that a persona's job serves now.")
        jobs.add_metric([], sum(c.persona is not None for c in live_state.live.values()))
        yield jobs


@get(
    "/metrics",
    opt={"may": roles.PUBLIC},
    operation_id="metrics",
    summary="Figures for Prometheus",
    tags=["Machines"],
    media_type="text/plain",
    sync_to_thread=False,
)
def metrics(
    request: Request[Any, Any, Any],
    metrics_: NamedDependency[Metrics],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """For this machine, for whoever may see calls (a key will do), or for everybody by setting."""
    if not settings.open_metrics and not came_from_here(request.scope):
        me = request.scope.get("user")
        if not isinstance(me, Principal):
            raise Problem("not_signed_in")
        me.need("calls.read")
    return Response(
        generate_latest(metrics_.registry), media_type="text/plain; version=0.0.4; charset=utf-8"
    )
