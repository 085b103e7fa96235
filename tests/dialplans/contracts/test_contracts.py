"""The words that processes share: values in the code, and the same text on the wire as ever."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from dialplans.contracts import events as ev
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.causes import EndCause, EndedBy, RefusalReason
from dialplans.contracts.control import Command, Operation, seal, unseal
from dialplans.contracts.jobs import Presence, PresenceState
from dialplans.speech.language import base_language


@pytest.mark.parametrize(
    ("tag", "base"),
    [("de", "de"), ("de-AT", "de"), ("EN-gb", "en"), ("zh-Hant-TW", "zh"), ("", "")],
)
def test_a_language_is_known_without_its_region(tag: str, base: str) -> None:
    assert base == base_language(tag)


def test_an_underscore_divides_no_language_tag() -> None:
    """Nobody who writes tags for us writes one; `de_AT` is a language that no voice speaks."""
    assert base_language("de_AT") == "de_at"


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("agent ann", "agent", "ann"),
        ("persona billing", "persona", "billing"),
        ("queue support", "queue", "support"),
        ("caller", "caller", ""),
        ("agent Ann of Sales", "agent", "Ann of Sales"),
        ("", "", ""),
    ],
)
def test_an_actor_is_read_as_it_was_written(text: str, kind: str, name: str) -> None:
    actor = Actor.parse(text)

    assert (kind, name) == (actor.kind, actor.name)
    assert text == str(actor)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("supervisor agent ann", "agent ann"), (" supervisor bob ", "supervisor bob")],
)
def test_whoever_took_over_may_be_named_with_both_words(text: str, expected: str) -> None:
    assert expected == str(Actor.parse(text))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("agent ann", Actor(ActorKind.AGENT, "ann")),
        ("supervisor bob", Actor(ActorKind.SUPERVISOR, "bob")),
        ("agent", Actor(ActorKind.AGENT, "agent")),
        ("bob", Actor(ActorKind.SUPERVISOR, "bob")),
        ("bob of sales", Actor(ActorKind.SUPERVISOR, "bob of sales")),
        ("", Actor(ActorKind.SUPERVISOR, "supervisor")),
    ],
)
def test_who_gives_no_kind_in_a_command_is_a_supervisor(who: str, expected: Actor) -> None:
    assert expected == Actor.of_console(who)


def test_a_word_is_the_same_text_on_the_wire() -> None:
    """Also where it is what is meant when nothing is said."""
    head = {"call": "c", "source": "leg", "id": "1", "at": datetime.now(UTC)}
    ended = ev.Ended(**head, cause=EndCause.NO_ANSWER, by=EndedBy.CALLEE)
    common = ev.Ended(**head, cause="failed")
    refused = ev.Refused(**head, code=503, reason=RefusalReason.FLOOD)

    assert ev.encode(ended) == ev.encode(ev.Ended(**head, cause="no_answer", by="callee"))
    assert b'"by"' not in ev.encode(common)
    assert ev.encode(refused) == ev.encode(ev.Refused(**head, code=503, reason="flood"))
    assert msgspec.json.encode(Presence(who="ann")) == msgspec.json.encode(
        Presence(who="ann", state=PresenceState.READY)
    )


def test_a_word_looks_like_its_text_in_a_log() -> None:
    """The leg's log is read by eye and by grep."""
    assert (repr(EndCause.FAILED), f"{EndCause.FAILED}") == ("'failed'", "failed")


def test_a_word_of_another_release_is_read() -> None:
    """Events and commands carry texts: a record must not be lost for a word that is new."""
    strange = ev.Ended(call="c", source="leg", cause="went_up_in_smoke")
    command = Command(op="sing", call="c")

    assert strange == ev.decode(ev.encode(strange))
    assert command == unseal(seal(command, "secret"), "secret", "c")
    assert command.op not in set(Operation)
