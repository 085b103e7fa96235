"""Many calls of SIPp, a SIP implementation that is not ours."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from tests.bench._machine import memory_mb, tree
from tests.sip.bridge.scenarios.staff import staffed
from tests.sip.bridge.world import RANDOM_ROOM, World
from tests.stack.free_ports import free_ports

__all__ = ["megabytes", "sipp", "staffed"]

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a phone that calls, talks and hangs up">
  <send retrans="500"><![CDATA[
    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:+4917[call_number]@[local_ip]>;tag=[pid]SIPp[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:sipp@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=sipp 1 1 IN IP[local_ip_type] [local_ip]
    s=-
    c=IN IP[media_ip_type] [media_ip]
    t=0 0
    m=audio [media_port] RTP/AVP 0
    a=rtpmap:0 PCMU/8000
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
    ACK [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:+4917[call_number]@[local_ip]>;tag=[pid]SIPp[call_number]
    [last_To:]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <pause/>
  <send retrans="500"><![CDATA[
    BYE [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:+4917[call_number]@[local_ip]>;tag=[pid]SIPp[call_number]
    [last_To:]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"""


def megabytes(world: World) -> float:
    return memory_mb(tree(world.process.pid))


async def sipp(
    world: World, folder: Path, calls: int, *, rate: float, talk_ms: int, longest_s: int
) -> tuple[int, str]:
    """Exit status, 0 where every call was answered and ended as it should, and what it printed."""
    program = shutil.which("sipp")
    assert program is not None, "install Debian's sip-tester"
    scenario = folder / "phone.xml"
    scenario.write_text(SCENARIO)
    (port,) = free_ports(1)
    host, remote = world.sip
    arguments = ["-sf", str(scenario), "-s", RANDOM_ROOM, "-i", host, "-p", str(port)]
    arguments += ["-m", str(calls), "-r", str(rate), "-d", str(talk_ms), "-nostdin"]
    arguments += [
        "-timeout",
        f"{longest_s}s",
        "-timeout_error",
    ]  # a lost call is a failure, not a wait
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        f"{host}:{remote}",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode(errors="replace")
