"""What we need of livekit-api and livekit-api keeps to itself, in one place.

The server can call a participant's RPC method (`RoomService/PerformRpc`); the library has no method
for it yet. All else that gateway and leg ask for goes through the library's public interface.
"""

from __future__ import annotations

from typing import Final

from livekit import api
from livekit.protocol.room import PerformRpcRequest, PerformRpcResponse

RELEASE: Final = "1.2.2"
"""The release of livekit-api whose insides were read for this; another one wants them read anew."""


async def perform_rpc(
    rooms: api.room_service.RoomService, request: PerformRpcRequest
) -> PerformRpcResponse:
    """Raises what every request of the library raises."""
    grants = api.VideoGrants(room_admin=True, room=request.room)
    return await rooms._client.request(
        "RoomService", "PerformRpc", request, rooms._auth_header(grants), PerformRpcResponse
    )
