"""A call as it was sent becomes facts: who was called, who calls, and how it came here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.engine.received import received
from dialplans.language.load import load_text
from dialplans.model import Dialplan
from dialplans.telephony.call import CallContext

LONDON, BERLIN, SECRET = "+442079460100", "+493023125100", "+447700900123"

PLAN = """
version: 1
timezone: Europe/London
trunks:
  plain: {allow: ["192.0.2.0/28"]}
  trusted: {allow: ["198.51.100.0/28"], trusted: true}
  abroad: {allow: ["203.0.113.0/28"], country: DE}
  account: {auth: {username: "7001234567", password: "env:P"}}
numbers:
  "+442079460100": {trunk: plain, route: main}
  "+442079460200": {trunk: trusted, route: main}
  "+442079460300": {trunk: abroad, route: main}
  "+442079460400": {trunk: account, route: main}
  "+493023125100": {trunk: plain, route: main}
  web: {route: main}
lists:
  block: ["+447700900123"]
  branches: ["+4420794605*"]
routes:
  main:
    - {when: {caller: block}, do: {reject: 603}}
    - {do: {voicemail: box}}
voicemail: {box: {max: 60s}}
"""


READ = load_text(PLAN).plan


@pytest.fixture
def plan() -> Dialplan:
    assert READ is not None
    return READ


def call(called: str = LONDON, caller: str = SECRET, **headers: str) -> CallContext:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return CallContext(called, caller, headers=named)


# Who is called (RFC 3261 §8.2.2.1).


@pytest.mark.parametrize(
    "uri",
    [
        "sip:+442079460100@203.0.113.9:5060;user=phone",
        "sips:%2B442079460100@gw.example",
        "sip:+44(0)2079460100@gw.example;user=phone",
        "tel:+44-20-7946-0100",
        "tel:7946-0100;phone-context=+4420",
        "sip:020%2079460100@gw.example",
        "sip:442079460100@gw.example",
        "sip:+442079460100;npdi;rn=+4420@gw.example",
        "sip:+442079460100;ext=12@gw.example",
        "sip:+442079460100:secret@gw.example?Subject=x",
        "SIP:00442079460100@gw.example",
    ],
)
def test_the_request_uri_says_who_is_called(plan: Dialplan, uri: str) -> None:
    """However it is written, and whatever To says: that is what was dialled at first."""
    found = received(plan, call(uri, To="<sip:+442079460555@old.example>"))

    assert (found.called, found.dialled) == (LONDON, ("+442079460555",))


def test_a_forwarded_call_for_a_stranger_is_not_ours_by_to(plan: Dialplan) -> None:
    """A number in the Request-URI is never replaced, also where To has one of ours."""
    found = received(plan, call("sip:+442079469999@gw", To=f"<sip:{LONDON}@gw>"))

    assert found.called == "+442079469999"


@pytest.mark.parametrize(
    ("uri", "headers", "called"),
    [
        ("sip:gw.example;user=phone", {"To": f"<sip:{LONDON}@gw>"}, LONDON),
        ("sip:@gw.example", {"To": f"<tel:{LONDON}>"}, LONDON),
        ("sip:s@192.0.2.1:5060", {"To": "<sip:02079460100@gw>"}, LONDON),
        ("sip:line-17;x=y@10.0.0.7", {"To": f"<sip:{LONDON}@gw>"}, LONDON),
        ("sip:7001234567@gw", {"To": f"<sip:{LONDON}@gw>"}, LONDON),
        (
            "sip:trunk@gw",
            {"P-Called-Party-ID": f"<sip:{BERLIN}@ims>", "To": f"<sip:{LONDON}@gw>"},
            BERLIN,
        ),
        (
            "sip:trunk@gw",
            {"P-Called-Party-ID": "<sip:nobody@ims>", "To": f"<sip:{LONDON}@gw>"},
            LONDON,
        ),
        ("sip:reception@gw", {"To": "<sip:ann@gw>"}, "reception"),
        ("sip:web@gw", {"To": f"<sip:{LONDON}@gw>"}, "web"),
        ("sip:200@gw", {"To": f"<sip:{LONDON}@gw>"}, "200"),
        ("sip:*86@gw", {"To": f"<sip:{LONDON}@gw>"}, "*86"),
    ],
)
def test_only_a_contact_without_a_number_leaves_it_to_other_headers(
    plan: Dialplan, uri: str, headers: dict[str, str], called: str
) -> None:
    """A carrier sends calls of a registered telephone to its contact: a name, an account, nobody.
    Then P-Called-Party-ID (RFC 7315) and To say which number was meant, if it is one of ours."""
    assert received(plan, CallContext(uri, SECRET, headers=headers)).called == called


def test_without_a_plan_numbers_are_read_as_far_as_they_say_their_country() -> None:
    """The leg has none until the first is stored; livekit-server's trunks decide."""
    found = received(None, call("sip:+44(0)2079460100@x", "<sip:0049(0)3023125100@y>"))

    assert (found.called, found.caller) == (LONDON, BERLIN)


# How it came here.


def test_who_forwarded_the_call_is_known(plan: Dialplan) -> None:
    """Diversion (RFC 5806) with the last one first, then History-Info (RFC 7044) but for its last
    entry, which is the way to us; each number once, in any spelling."""
    found = received(
        plan,
        call(
            Diversion="<sip:02079460502@gw>;reason=no-answer, <tel:+442079460501>;reason=busy",
            History_Info="<sip:+442079460500@gw>;index=1,<sip:+442079460501@gw>;index=1.1,"
            "<sip:+442079460100@gw>;index=1.1.1",
        ),
    )

    assert found.forwarded_from == ("+442079460502", "+442079460501", "+442079460500")


def test_whoever_forwards_may_stay_unnamed(plan: Dialplan) -> None:
    """`privacy=full` of Diversion, `Privacy=history` of an entry or of the whole: the number is
    neither a fact nor in a header that is handed on."""
    one = received(plan, call(Diversion="<sip:+442079460501@gw>;reason=busy;privacy=full"))
    two = received(
        plan,
        call(
            History_Info="<sip:+442079460501@gw?Privacy=history>;index=1, "
            "<sip:+442079460502@gw>;index=1.1, <sip:+442079460100@gw>;index=1.1.1"
        ),
    )
    three = received(
        plan, call(Privacy="history", History_Info="<sip:+442079460501@gw>;index=1,<sip:x@gw>")
    )

    assert [c.forwarded_from for c in (one, two, three)] == [
        ("anonymous",),
        ("+442079460502", "anonymous"),
        ("anonymous",),
    ]
    assert all("460501" not in str(c.headers) for c in (one, two, three))
    assert three.caller == SECRET


def test_a_header_with_thousands_of_forwards_is_not_read_to_its_end(plan: Dialplan) -> None:
    """A stranger pays with a datagram and we with microseconds."""
    long = ", ".join(f"<sip:0{n:09}@gw>" for n in range(3000))

    assert len(received(plan, call(Diversion=long, History_Info=long)).forwarded_from) <= 10


# Who calls (RFC 3323, RFC 3325).


@pytest.mark.parametrize(
    ("caller", "headers"),
    [
        (f"<sip:{SECRET}@gw>", {"Privacy": "id"}),
        (f"<sip:{SECRET}@gw>", {"privacy": "ID;critical"}),
        (f"<sip:{SECRET}@gw>", {"Privacy": "user, header"}),
        (f"<sip:{SECRET}@gw>", {"PRIVACY": "Full"}),
        (f"<sip:{SECRET}@gw>", {"Privacy": "session"}),
        (f"<sip:{SECRET}@gw>", {"Privacy": "none, id"}),
        (f"<sip:{SECRET}@gw>", {"Privacy": '"id"'}),
        (f"<sip:{SECRET}@gw>", {"Remote-Party-ID": f"<sip:{SECRET}@gw>;privacy=full;screen=yes"}),
        (f"<sip:{SECRET}@gw>", {"Remote-Party-ID": f"<sip:{SECRET}@gw>;party=calling;privacy=uri"}),
        (f'"Anonymous" <sip:{SECRET}@gw>', {}),
        (f"Withheld <sip:{SECRET}@gw>", {}),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', {}),
        ("<sip:restricted@gw>", {}),
        ('"Unavailable" <sip:unavailable@unknown.invalid>', {}),
        ("<sip:x17@anonymous.invalid>", {}),
        ("<sip:private@gw>", {}),
        ("<sip:Caller-ID-Blocked@gw>", {}),
        ("<sip:No%20Caller%20ID@gw>", {}),
        ("<sip:unknown-caller@gw>", {}),
        ("<tel:anonymous>", {}),
        ("<sip:gw.example>", {}),
        ("<sip:@gw.example>", {}),
        ("<sip:+266696687@gw>", {}),
        ("anonymous", {}),
        ("Restricted", {}),
        ("", {}),
    ],
)
def test_a_withheld_number_is_anonymous(
    plan: Dialplan, caller: str, headers: dict[str, str]
) -> None:
    """Carriers have many words for it; a plan has one. The number is in nothing that is kept."""
    kept = {
        "From": caller,
        "Contact": f"<sip:{SECRET}@10.0.0.1>",
        "X-Caller": "07700 900123",
        "X-Campaign": "spring",
    }
    found = received(plan, CallContext(LONDON, caller, headers={**kept, **headers}))

    assert (found.caller, found.asserted) == ("anonymous", "")
    assert "900123" not in repr(found).replace(" ", "")
    assert found.header("X-Campaign") == "spring"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Privacy": "none"},
        {"Privacy": ""},
        {"Privacy": "history"},
        {"Remote-Party-ID": f"<sip:{SECRET}@gw>;party=calling;privacy=off"},
        {"Remote-Party-ID": f'"A" <sip:{SECRET}@gw>;party=calling;privacy=name'},
        {"Remote-Party-ID": f"<sip:{LONDON}@gw>;party=called;privacy=full"},
    ],
)
@pytest.mark.parametrize("name", ["", '"Unavailable"', '"Ann Private"', '"UNKNOWN"'])
def test_a_number_that_may_be_shown_is_shown(
    plan: Dialplan, headers: dict[str, str], name: str
) -> None:
    """That somebody's name is unknown does not withhold the number."""
    found = received(
        plan, CallContext(LONDON, f"{name} <sip:+44(0)7700900123@gw>", headers=headers)
    )

    assert found.caller == SECRET


def test_a_trusted_trunk_says_who_calls(plan: Dialplan) -> None:
    """P-Asserted-Identity is the caller's number there, and nowhere else."""
    asserted = {"P-Asserted-Identity": f'"A, B" <sip:ann@gw>, <tel:{SECRET}>'}
    frm = "<sip:+442079460999@gw>"
    by_trunk = {
        called: received(plan, CallContext(called, frm, headers=asserted)).caller
        for called in ("+442079460100", "+442079460200")
    }
    strange = CallContext("+442079460200", frm, source_ip="192.0.2.1", headers=asserted)

    assert by_trunk == {"+442079460100": "+442079460999", "+442079460200": SECRET}
    assert received(plan, strange).caller == "+442079460999"


@pytest.mark.parametrize("header", ["P-Asserted-Identity", "P-Preferred-Identity", "From"])
def test_a_trusted_trunk_knows_a_withheld_caller_for_blocking_only(
    plan: Dialplan, header: str
) -> None:
    """The number is compared, and is in no text, no header and no copy of the facts."""
    frm = f"<sip:{SECRET}@gw>" if header == "From" else "<sip:anonymous@anonymous.invalid>"
    headers = {"Privacy": "id", header: f"<sip:{SECRET}@gw>"}
    found = received(plan, CallContext("+442079460200", frm, headers=headers))

    assert (found.caller, found.asserted) == ("anonymous", SECRET)
    assert "900123" not in repr(found)
    assert received(plan, found) == found


def test_national_numbers_belong_to_the_country_of_the_trunk(plan: Dialplan) -> None:
    """Without one, to that of the number that was called."""
    numbers = ("+442079460100", "+442079460300", "+493023125100")
    callers = [received(plan, call(called, "030 5551234")).caller for called in numbers]

    assert callers == ["+44305551234", "+49305551234", "+49305551234"]


@given(
    st.sampled_from([LONDON, "sip:x@y", "030 23125100", "nobody", "", "tel:;x"]),
    st.text(max_size=30),
    st.dictionaries(
        st.sampled_from(["To", "Privacy", "Diversion", "History-Info", "P-Asserted-Identity", "X"]),
        st.text(alphabet='<>";,=:@ +0123aé?', max_size=60),
    ),
)
def test_reading_twice_is_reading_once(called: str, caller: str, headers: dict[str, str]) -> None:
    """The leg reads, and the worker reads what the leg says; nothing a stranger sends raises."""
    once = received(READ, CallContext(called, caller, headers=headers))
    twice = received(READ, once)

    assert (twice.called, twice.caller) == (once.called, once.caller)
