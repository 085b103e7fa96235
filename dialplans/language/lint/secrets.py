"""Secrets do not belong into a file that is read, copied and committed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialplans.language.lint.view import View, texts
from dialplans.language.problems import Problem

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


def check(view: View) -> Iterator[Problem]:
    for text in texts(view.tree):
        if len(text) > 12 and (_TELLTALE.search(text) or _ASSIGNED.search(text)):
            said = "this looks like a secret in plain text"
            hint = "put it into an environment variable and write env:NAME where it is used"
            yield Problem(text.place, "E_SECRET", said, hint)
