"""A report as those read it who collect them: the JSON of Homer's agents."""

from __future__ import annotations

import json
from typing import Any

from sip.bridge.media.rtcp.packets import NTP_EPOCH, RR, SR, Block, Report


def as_json(report: Report) -> bytes:
    found: dict[str, Any] = {
        "ssrc": report.ssrc,
        "type": RR if report.sent is None else SR,
        "report_count": len(report.blocks),
        "report_blocks": [_block(block) for block in report.blocks],
        "sdes_ssrc": report.ssrc,
    }
    if (sent := report.sent) is not None:
        found["sender_information"] = {
            "ntp_timestamp_sec": max(0, (sent.ntp >> 32) - NTP_EPOCH),
            "ntp_timestamp_usec": ((sent.ntp & 0xFFFFFFFF) * 1_000_000) >> 32,
            "rtp_timestamp": sent.timestamp,
            "packets": sent.packets,
            "octets": sent.octets,
        }
    return json.dumps(found).encode()


def _block(block: Block) -> dict[str, int]:
    return {
        "source_ssrc": block.ssrc,
        "fraction_lost": int(block.fraction * 256),
        "packets_lost": block.lost,
        "highest_seq_no": block.highest,
        "ia_jitter": block.jitter,
        "lsr": block.last_sr,
        "dlsr": int(block.delay * 65536),
    }
