"""What SIPp reads, made from a scenario in which whatever is always the same is named once.

| in a message | written out |
|---|---|
| `<<begin METHOD N>>` | a request of no dialog, with CSeq N, to the number that is called |
| `<<inside METHOD N>>` | a request of the dialog, to the leg's Contact |
| `<<ask METHOD N>>` | the same of a telephone that was called |
| `<<answer 200 OK>>` | an answer to what came last |
| `<<described>>` | `Content-Type`, `Content-Length`, and a description up to its first m= line |
| `<<sound>>` | the same with one section: both laws and keys |
| `<<nothing>>` | no body |

| as an element | written out |
|---|---|
| `up` | an INVITE with sound, answered and acknowledged |
| `agreed number="N"` | 200 to the INVITE with CSeq N that was just sent, and its ACK |
| `refused code="488" number="N"` | the same for a refusal |
| `bye number="N"` | BYE and its 200 |
| `has`, `hasnot` within any of these, or `recv` | an expression (POSIX) in the whole answer |
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

_OWN = """Call-ID: [call_id]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70"""
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
_CALLER = "From: <sip:+4917[call_number]@[local_ip]>;tag=[pid]SIPp[call_number]"
_CALLED = "To: <sip:[service]@[remote_ip]:[remote_port]>"
_DESCRIBED = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0"""
_MESSAGES = {
    r"<<begin (\w+) (\d+)>>": f"""\\1 sip:[service]@[remote_ip]:[remote_port] SIP/2.0
{_VIA}
{_CALLER}
{_CALLED}
CSeq: \\2 \\1
{_OWN}""",
    r"<<inside (\w+) (\d+)>>": f"""\\1 [next_url] SIP/2.0
{_VIA}
{_CALLER}
{_CALLED}[peer_tag_param]
CSeq: \\2 \\1
[routes]
{_OWN}""",
    r"<<ask (\w+) (\d+)>>": f"""\\1 [next_url] SIP/2.0
{_VIA}
From:[$to];tag=[pid]SIPp[call_number]
To:[$from]
CSeq: \\2 \\1
{_OWN}""",
    r"<<answer (\d+ [^>]*)>>": """SIP/2.0 \\1
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPp[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>""",
    r"<<within (\d+ [^>]*)>>": """SIP/2.0 \\1
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>""",
    r"<<described>>": _DESCRIBED,
    r"<<sound>>": f"""{_DESCRIBED}
m=audio [media_port] RTP/AVP 0 8 101
a=rtpmap:101 telephone-event/8000""",
    r"<<nothing>>": "Content-Length: 0",
}
_TRYING = '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>'
_SAME_BRANCH = "[branch-4]"
"""That of the INVITE before two provisional answers and the refusal."""


def written(scenario: str) -> str:
    """The XML that SIPp reads."""
    root = ElementTree.fromstring(scenario)
    names = (f"seen{number}" for number in itertools.count())
    used: list[str] = []

    def variables() -> Iterator[str]:
        for name in names:
            used.append(name)
            yield name

    fresh = variables()
    lines = "\n".join(_element(element, fresh) for element in root)
    kept = [*used, *{check.get("as", "") for check in root.iter("keep")}]
    reference = f'<Reference variables="{",".join(kept)}"/>' if kept else ""
    name = f'<scenario name="{root.get("name")}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{name}\n{lines}\n{reference}\n</scenario>\n'


def _element(element: Element, names: Iterator[str]) -> str:
    number = element.get("number", "1")
    match element.tag:
        case "send":
            return _send(element.text or "", dict(element.attrib))
        case "recv":
            return _receive(element, names, dict(element.attrib))
        case "up":
            return _send("<<begin INVITE 1>>\n<<sound>>", {}) + _agreed(element, names, number)
        case "agreed":
            return _agreed(element, names, number)
        case "refused":
            refused = _receive(element, names, {"response": element.get("code", "")})
            ack = _message(f"<<inside ACK {number}>>\n<<nothing>>")
            ack = ack.replace("[branch]", _SAME_BRANCH).replace(
                "[next_url]", "sip:[service]@[remote_ip]:[remote_port]"
            )
            return f"{_TRYING}\n{refused}\n{_cdata(ack, {})}"
        case "bye":
            bye = _send(f"<<inside BYE {number}>>\n<<nothing>>", {})
            return bye + _receive(element, names, {"response": "200"})
    return ElementTree.tostring(element, encoding="unicode").strip()


def _agreed(element: Element, names: Iterator[str], number: str) -> str:
    ok = _receive(element, names, {"response": "200", "rrs": "true"})
    ack = _send(f"<<inside ACK {number}>>\n<<nothing>>", {})
    return f"{_TRYING}\n{ok}\n{ack}\n"


def _receive(element: Element, names: Iterator[str], attributes: dict[str, str]) -> str:
    checks = []
    for check in element:
        if check.tag == "keep":
            expression = quoteattr(check.text or ".*")
            checks.append(
                f'<ereg regexp={expression} search_in="hdr" header="{check.get("header")}:" '
                f'assign_to="{check.get("as")}"/>'
            )
            continue
        wanted = "check_it" if check.tag == "has" else "check_it_inverse"
        checks.append(
            f'<ereg regexp={quoteattr((check.text or "").strip())} search_in="msg" '
            f'{wanted}="true" assign_to="{next(names)}"/>'
        )
    action = f"<action>{''.join(checks)}</action>" if checks else ""
    return f"<recv{_attributes(attributes)}>{action}</recv>"


def _send(text: str, attributes: dict[str, str]) -> str:
    message = _message(text)
    asks = not message.startswith(("SIP/", "ACK "))
    return _cdata(message, {**({"retrans": "500"} if asks else {}), **attributes})


def _message(text: str) -> str:
    for named, whole in _MESSAGES.items():
        text = re.sub(named, whole, text)
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _cdata(message: str, attributes: dict[str, str]) -> str:
    return f"<send{_attributes(attributes)}><![CDATA[\n{message}\n\n]]></send>\n"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items())
