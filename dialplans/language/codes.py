"""Every problem code: how severe it is and what its heading in the README says.

An `error` keeps a plan from going live. A `warning` does not, but `check` still ends with 1.
A `note` is for the reader only. `blocks` says that no plan can be built at all: a plan that is
handed out has the right shape, references that exist, routes that end, and no automatic loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    severity: Literal["error", "warning", "note"]
    blocks: bool
    meaning: str


def _shape(meaning: str) -> Code:
    return Code("error", True, meaning)


def _error(meaning: str) -> Code:
    return Code("error", False, meaning)


def _warning(meaning: str) -> Code:
    return Code("warning", False, meaning)


def _note(meaning: str) -> Code:
    return Code("note", False, meaning)


CODES: dict[str, Code] = {
    # Reading
    "E_FILE": _shape("The plan, or a file that it includes, cannot be read."),
    "E_ENCODING": _shape("The file is not UTF-8."),
    "E_YAML": _shape("The file is not YAML. Nothing after this place was read."),
    "E_YAML_TAG": _shape("Tags such as `!!python/object` or `!!int` are refused: all is text."),
    "E_YAML_KEY": _shape("A key must be plain text; merge keys (`<<`) are not in the language."),
    "E_YAML_ALIAS": _shape("An alias names no anchor, or stands within what it names."),
    "E_TOO_LARGE": _shape("The plan is larger or deeper than any plan needs to be."),
    "E_EMPTY": _shape("A key without a value, an empty item or an empty file."),
    "E_DUPLICATE_KEY": _shape("A key is given twice, in one file or in two that are included."),
    "E_INCLUDE": _shape("An include is missing, circular, or outside its folder."),
    # Shape
    "E_KEY": _shape("The language has no such key here."),
    "E_MISSING": _shape("Something that cannot be left out is missing."),
    "E_TYPE": _shape("A value is of another kind: a list where text belongs, yes for true, …"),
    "E_VALUE": _shape("A value is not one of those that are possible here."),
    "E_NAME": _shape("A name is small letters, digits, `_` and `-`, and begins with a letter."),
    "E_ACTION": _shape("An action is a mapping with one key that names its kind."),
    "E_SPLIT": _shape("A split is at least two ways whose percentages add up to 100."),
    "E_CONDITION": _shape("A condition says nothing, or contradicts itself."),
    "E_DURATION": _shape("A length of time needs its unit: `20s`, `45m`, `1h30m`, `30d`."),
    "E_RATE": _shape("A rate is a count and a unit of time: `3/min`."),
    "E_LANGUAGE": _shape("A language is written `de`, `en` or `en-GB`."),
    "E_TIMEZONE": _shape("A time zone is a name such as `Europe/Berlin`."),
    "E_TIME": _shape('A range of times is `"08:30-18:00"`, several in a list, or `closed`.'),
    "E_DAY": _shape("A day is `mon` … `sun`, a span `mon-fri`, several `sat,sun`, or `daily`."),
    "E_DATE": _shape('A date is `"12-25"`, `"2026-12-25"` or a range `"12-27..01-02"`.'),
    "E_MOMENT": _shape('A moment is `"2026-11-23 08:30"`, with an offset if wanted.'),
    "E_HOURS_OVERLAP": _shape("Two ranges of a day overlap, or a day is given twice."),
    "E_HOURS_IMPOSSIBLE": _shape("A range closes before it opens."),
    "E_COUNTRY": _shape("A country is two capital letters (ISO 3166-1): `DE`, `GB`, `US`."),
    "E_NUMBER": _shape("A number is not in international form, or a pattern is none."),
    "E_ADDRESS": _shape("An address range is not one, or has bits set beyond its length."),
    "E_SECRET": _shape("A secret stands in the file in plain text."),
    "E_TRUNK_OPEN": _shape("A trunk without addresses and without digest lets anybody in."),
    "E_REGISTER": _shape(
        "A trunk that registers says what an account cannot have, or is one twice."
    ),
    "E_DIAL": _shape("A target dials through a trunk, rings our own telephone, or refers."),
    "E_OVERFLOW": _shape("Overflow steps are in order of time, and only the last leaves."),
    "E_FILE_NAME": _shape("A file name is missing."),
    "E_FILE_OUTSIDE": _shape("A file is outside the plan's folder."),
    # References
    "E_PERSONA": _shape("No persona has this name."),
    "E_MENU": _shape("No menu has this name."),
    "E_QUEUE": _shape("No queue has this name."),
    "E_VOICEMAIL": _shape("No mailbox has this name."),
    "E_TARGET": _shape("No target has this name."),
    "E_TRUNK": _shape("No trunk has this name."),
    "E_TELEPHONE": _shape("No telephone of the company has this name."),
    "E_SEAT": _shape("A person's seat is one telephone, and is ready for somebody."),
    "E_ROUTE": _shape("No route has this name."),
    "E_HOURS": _shape("No hours have this name."),
    "E_LIST": _shape("No list has this name."),
    # What would happen to a call
    "E_NO_CATCH_ALL": _shape("A route's last rule must match everything, or some calls end there."),
    "E_LOOP": _shape("Ways that nobody chooses lead in a circle; or personas extend each other."),
    "E_DEAD_END": _shape("A persona, menu, queue or target has no way on, not even a default."),
    "E_REJECT_LATE": _error("Only a rule can reject: later the call has been answered."),
    "W_UNREACHABLE": _warning("A rule stands after one that matches everything."),
    "W_SHADOWED": _warning("Rules before this one take every call that it asks for."),
    "W_NEVER": _warning("No call on this route can meet the condition."),
    "W_LANGUAGE": _warning("A phrase lacks the language of one of the numbers."),
    "W_VOICE": _warning("Nobody on this machine speaks a language; its callers hear English."),
    # Time
    "W_HOURS_NEVER": _warning("Hours that are never open."),
    "W_HOLIDAYS": _warning("Two holidays give one day different times."),
    "W_OVERRIDE": _warning("An override ends before it begins."),
    # Numbers and trunks
    "W_DUPLICATE": _warning("An entry of a list is there twice, or covered by a wider one."),
    "W_NO_NUMBERS": _warning("No number is ours."),
    "E_TRUNK_CONFLICT": _error("LiveKit would find two trunks for one call and refuse it, 503."),
    "W_TRUNK": _warning(
        "A trunk brings no number, and cannot dial or says what only calls in use."
    ),
    "W_LEG": _warning("The SIP leg in use cannot do what the plan asks for (`check --running`)."),
    "W_SRTP": _warning("The keys of encrypted sound travel over an open connection."),
    "E_OUTBOUND": _error("A target dials through a trunk that has no outbound address."),
    "E_DIAL_OUT": _error("A target dials a number outside `limits.dial_out`."),
    # Files and tests
    "E_CONTROL": _error("A control character: no voice can say it, and a terminal obeys it."),
    "E_FILE_MISSING": _error("A prompt, intents or sound file is not there."),
    "E_FILE_EMPTY": _error("A prompt or intents file is empty."),
    "E_EVENT": _error("A test names something that cannot happen to a call."),
    "W_TEST_NAME": _warning("Two tests have one name."),
    "N_UNUSED": _note("Nothing leads to this part of the plan."),
}
