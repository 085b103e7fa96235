"""Compile the two `.proto` files of this folder: psrpc's envelope and the SIP calls.

What is made here is committed. After a change of a `.proto` file, or of the major version of
protobuf, make it again:

    uv run --with grpcio-tools python -m sip.bridge.wire.generate

livekit-protocol ships compiled messages but no `.proto` sources, so their descriptors are given
to protoc as a descriptor set, and the imports protoc writes are pointed at that package.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from google.protobuf import any_pb2, descriptor_pb2, duration_pb2, timestamp_pb2
from livekit.protocol import room, sip

HERE = Path(__file__).parent
SOURCES = ("psrpc_internal.proto", "rpc_sip.proto")
IMPORTS = {
    "import psrpc_internal_pb2 as": "from sip.bridge.wire import psrpc_internal_pb2 as",
    "import livekit_sip_pb2 as": "from livekit.protocol import sip as",
    "import livekit_room_pb2 as": "from livekit.protocol import room as",
}


def _descriptor_set() -> bytes:
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(file: object) -> None:
        for needed in file.dependencies:  # type: ignore[attr-defined]
            add(needed)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)  # type: ignore[attr-defined]
        files.setdefault(proto.name, proto)

    for module in (any_pb2, duration_pb2, timestamp_pb2, room, sip):
        add(module.DESCRIPTOR)
    return descriptor_pb2.FileDescriptorSet(file=files.values()).SerializeToString()


def main() -> int:
    protoc = importlib.import_module("grpc_tools.protoc")
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.binpb"
        known.write_bytes(_descriptor_set())
        for source in SOURCES:
            done = protoc.main(
                [
                    "protoc",
                    f"--proto_path={HERE}",
                    f"--descriptor_set_in={known}",
                    f"--python_out={HERE}",
                    f"--pyi_out={HERE}",
                    source,
                ]
            )
            if done != 0:
                return int(done)
    for path in [*HERE.glob("*_pb2.py"), *HERE.glob("*_pb2.pyi")]:
        text = path.read_text()
        for old, new in IMPORTS.items():
            text = text.replace(old, new)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
