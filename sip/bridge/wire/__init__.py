"""The protobuf messages that livekit-protocol does not ship: psrpc's envelope and the SIP calls.

`psrpc_internal_pb2.py` and `rpc_sip_pb2.py` are generated and committed. After a change of a
`.proto` file here, or of the major version of protobuf, make them again:

    uv run --with grpcio-tools python -m sip.bridge.wire.generate
"""
