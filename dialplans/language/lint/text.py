"""What no text of a plan may hold: secrets, for the file is read, copied and committed, and
characters that are orders to a machine (`"\\0"`, `"\\e[31m"`, `"\\a"`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialplans.language.lint.view import View, texts
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import Node

_TELLTALE = re.compile(
    r"""-----BEGIN\ [A-Z ]{0,40}PRIVATE\ KEY            # PEM
      | \b(?:sips?|https?|rediss?|postgres(?:ql)?)://[^\s/:@]{1,64}:[^\s/@]{1,128}@
      | \bsips?:[^\s:@<>]{1,64}:[^\s@<>]{1,128}@  # RFC 3261 §19.1.1: user:password
      | \bBearer\ [A-Za-z0-9._~+/-]{16,}
      | \b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{20,}
      | \bAKIA[0-9A-Z]{16}\b
      | \bgh[pousr]_[A-Za-z0-9]{30,}
      | (?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}+\.eyJ[A-Za-z0-9_-]{10,2000}\.  # signed token
    """,
    re.VERBOSE,
)
_ASSIGNED = re.compile(r"(?i)\b(?:password|passwd|secret|api[_-]?key|token)\s*[=:]\s*[^\s$]{6,}")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Of what is no letter, a tab and the end of a line may be written."""


def check(view: View) -> Iterator[Problem]:
    yield from _secrets(view.tree)
    yield from control_characters(view.tree)


def _secrets(tree: Node) -> Iterator[Problem]:
    for text in texts(tree):
        if len(text) > 12 and (_TELLTALE.search(text) or _ASSIGNED.search(text)):
            said = "this looks like a secret in plain text"
            hint = "put it into an environment variable and write env:NAME where it is used"
            yield Problem(text.place, "E_SECRET", said, hint)


def control_characters(tree: Node) -> Iterator[Problem]:
    for text in texts(tree, keys=True):
        if found := _CONTROL.search(text):
            said = f"U+{ord(found[0]):04X} is a control character: nobody can say or show it"
            yield Problem(text.place, "E_CONTROL", said, "remove it")
