from __future__ import annotations

from sip.bridge.calls.house import House


async def serve_outbound(house: House) -> None:
    pass
