"""A second engine: as slow and as obvious as can be, reading the file as plain text.

It shares nothing with the first but the words of the language. It knows no compiled rules, no
indexes and no due times: hours are looked up minute by minute, and waiting goes second by second.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class SlowModel:
    def __init__(self, text: str) -> None:
        # BaseLoader: every value stays the text it is.
        self.plan: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)

    def path(self, call: dict[str, Any], now: datetime, events: list[str]) -> list[str]:
        """Every place of the call, in order."""
        number = self.plan["numbers"].get(call["to"])
        if number is None:
            return ["reject 404"]
        zone = ZoneInfo(number.get("timezone", self.plan["timezone"]))
        local = now.astimezone(zone)
        for rule in self.plan["routes"][number["route"]]:
            if self.matches(rule.get("when", {}), call, number, local):
                return Walk(self, call, rule["do"]).run(events)
        raise AssertionError("a route must match everything")

    def matches(
        self, when: dict[str, Any], call: dict[str, Any], number: dict[str, Any], local: datetime
    ) -> bool:
        for key, wanted in when.items():
            if key == "caller" and not self.covered(call["from"], wanted):
                return False
            if key == "called" and not self.covered(call["to"], wanted):
                return False
            if key == "language" and number["language"] not in as_list(wanted):
                return False
            if key == "hours":
                state = "open" if self.is_open(wanted, local) else "closed"
                if state != when.get("is", "open"):
                    return False
            if key == "header" and not all(self.header(call, k, v) for k, v in wanted.items()):
                return False
        return True

    def covered(self, number: str, wanted: Any) -> bool:
        for entry in as_list(wanted):
            for pattern in self.plan["lists"].get(entry, [entry]):
                if pattern == number:
                    return True
                if pattern[-1] == "*" and number[: len(pattern) - 1] == pattern[:-1]:
                    return True
        return False

    def header(self, call: dict[str, Any], name: str, pattern: str) -> bool:
        values = [v for k, v in call["headers"].items() if k.lower() == name.lower()]
        return bool(values) and glob(pattern, values[0])

    def is_open(self, name: str, local: datetime) -> bool:
        for override in self.plan.get("override", []):
            if name in as_list(override.get("hours", name)):
                begins = datetime.fromisoformat(override["from"]).replace(tzinfo=local.tzinfo)
                until = datetime.fromisoformat(override["until"]).replace(tzinfo=local.tzinfo)
                if begins.timestamp() <= local.timestamp() < until.timestamp():
                    return bool(override["is"] == "open")
        ranges = self.ranges(name, local.date())
        clock = f"{local.hour:02d}:{local.minute:02d}"
        return any(begin <= clock < end for begin, end in (r.split("-") for r in ranges))

    def ranges(self, name: str, day: date) -> list[str]:
        """The day's ranges: a dated holiday, else a yearly one, else the weekday."""
        weekday = []
        for days, ranges in self.plan["hours"][name].items():
            if DAYS[day.weekday()] in expand(days):
                weekday = as_list(ranges)
        found = weekday
        best = -1
        for key, ranges in self.plan["holidays"].items():
            first, _, last = key.partition("..")
            last = last or first
            yearly = len(first) == 5
            here = f"{day:%m-%d}" if yearly else day.isoformat()
            inside = first <= here <= last if first <= last else here >= first or here <= last
            weight = (0 if yearly else 2) + (1 if first == last else 0)
            if inside and weight > best:
                best = weight
                found = [] if ranges == "closed" else as_list(ranges)
                if yearly and not weekday:
                    found = []
        return found


class Walk:
    """One call after its first rule, with a clock that ticks in whole seconds."""

    def __init__(self, model: SlowModel, call: dict[str, Any], action: dict[str, Any]) -> None:
        self.plan, self.call = model.plan, call
        self.places: list[str] = []
        self.over, self.offered = False, False
        self.age = self.here = self.tries = 0
        self.go(action)

    def run(self, events: list[str]) -> list[str]:
        for event in events:
            word, _, rest = event.partition(" ")
            if word == "wait":
                for _ in range(int(rest[:-1])):
                    self.second()
            elif not self.over:
                self.happens(word, rest)
        return self.places

    def go(self, action: dict[str, Any] | None) -> None:
        action = action or self.plan["defaults"]["else"]
        if "split" in action:
            action = self.draw(action["split"])
        kind = next(k for k in action if k not in ("priority", "sticky"))
        self.arrive("say" if kind == "say" else f"{kind} {action[kind]}")

    def arrive(self, place: str) -> None:
        self.places.append(place)
        self.kind, _, self.name = place.partition(" ")
        self.here = self.tries = 0
        self.offered = False
        self.over = self.kind in ("say", "reject", "hang_up", "callback")

    def draw(self, shares: dict[str, str]) -> dict[str, Any]:
        """Ten thousand balls, the first of them for the way that comes first in the alphabet."""
        full = sorted((("persona " + k) if " " not in k else k, int(v)) for k, v in shares.items())
        who = self.call["id"] if self.call["from"] == "anonymous" else self.call["from"]
        seed = "|".join(name for name, _ in full) + "\0" + who
        ball = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big") % 10000
        for name, percent in full:
            if ball < percent * 100:
                return dict([name.split(" ")])
            ball -= percent * 100
        raise AssertionError("the shares add up to 100")

    def second(self) -> None:
        if self.over:
            return
        self.age += 1
        self.here += 1
        if self.age >= 20 * 60:
            self.arrive("hang_up")
        elif self.kind == "menu" and self.here == 6:
            self.failed_try()
        elif self.kind == "target" and self.here == 25:
            self.go(self.plan["targets"][self.name]["else"])
        elif self.kind == "voicemail" and self.here == 60:
            self.over = True
        elif self.kind == "queue":
            self.overflow()

    def overflow(self) -> None:
        steps = self.plan["queues"][self.name].get("overflow", [])
        for step in steps:
            if self.here == int(step["after"][:-1]):
                if "offer" in step:
                    self.offered = True
                    self.places.append("offer callback")
                elif "do" in step:
                    self.go(step["do"])
                return
        if not steps and self.here == 300:
            self.go(None)

    def failed_try(self) -> None:
        menu = self.plan["menus"][self.name]
        if self.tries == int(menu["retries"]):
            self.go(menu["else"])
        else:
            self.tries += 1
            self.here = 0

    def happens(self, word: str, rest: str) -> None:
        if word == "hang_up":
            self.over = True
        elif self.kind == "persona":
            persona = self.plan["personas"][self.name]
            if word == "persona_failed":
                self.go(persona.get("fallback") or persona.get("to_human"))
            elif word == "wants_human":
                self.go(persona.get("to_human"))
            elif word == "hand_off" and rest in persona.get("hand_off", []):
                self.arrive(f"persona {rest}")
        elif self.kind == "menu":
            keys = self.plan["menus"][self.name]["keys"]
            if word == "key" and rest in keys:
                self.go(keys[rest])
            elif word in ("key", "timeout"):
                self.failed_try()
        elif self.kind == "queue":
            if word == "answered":
                self.arrive(f"person {self.name}")
            elif word == "nobody_on":
                self.go(self.plan["queues"][self.name].get("nobody_on"))
            elif word == "caller_declines_callback":
                self.offered = False
            elif word == "caller_accepts_callback" and self.offered:
                self.arrive(f"callback {self.name}")
        elif self.kind == "target":
            target = self.plan["targets"][self.name]
            if word == "key" and rest == target["confirm"]:
                self.arrive(f"person {self.name}")
            elif word == "answered":
                self.here = 0
            elif word in (
                *("busy", "no_answer", "declined"),
                *("unreachable", "wrong_number", "failed"),
            ):
                self.go(target["else"])


def as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def expand(days: str) -> list[str]:
    if days == "daily":
        return DAYS
    first, _, last = days.partition("-")
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def glob(pattern: str, text: str) -> bool:
    if pattern == "":
        return text == ""
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return text != "" and text[0] == pattern[0] and glob(pattern[1:], text[1:])
