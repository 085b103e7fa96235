"""The table of the two SIP legs is the one that the code makes, and agrees with what is checked."""

from __future__ import annotations

from dialplans.language.leg_capabilities import EMBEDDED, LIVEKIT_SIP
from dialplans.language.leg_comparison import README, ROWS, placed, table


def test_the_table_on_the_page_is_fresh() -> None:
    """`python -m dialplans.language.leg_comparison` writes it."""
    page = README.read_text(encoding="utf-8")

    assert placed(page) == page


def test_what_the_plan_may_ask_in_vain_is_in_the_table() -> None:
    """For both legs, in the words that `check --running` uses."""
    columns = {
        EMBEDDED.name: " ".join(row.bridge for row in ROWS),
        LIVEKIT_SIP.name: " ".join(row.livekit_sip for row in ROWS),
    }
    for leg in (EMBEDDED, LIVEKIT_SIP):
        said = [says for values in leg.cannot.values() for says in values.values()]
        missing = [s for s in said if (s.partition(": ")[2] or s) not in columns[leg.name]]

        assert missing == []
    assert "486" in next(row.livekit_sip for row in ROWS if "rejects" in row.what)
    assert LIVEKIT_SIP.lacks["sealed"].partition(": ")[2] in columns[LIVEKIT_SIP.name]


def test_no_cell_is_empty_or_breaks_the_table() -> None:
    for line in table():
        assert line.count("|") == 4, line
        assert all(cell.strip() for cell in line.strip("|").split("|")[1:]), line
