"""A line that is ours only while we say where we are: an account at a carrier or a telephone
system."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from dialplans.model.values.base import Model, fail, text_of
from dialplans.model.values.scalars import Duration, Least, SecretOf

_HOST = r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?)(:[0-9]{1,5})?$"
_USER = r"^[A-Za-z0-9!$&'()*+,=._~-]+$"
"""What stands for itself before the @ of an address (RFC 3261 §25.1)."""


def _server(value: Any) -> str:
    """A name or an address, with a port that there can be."""
    text = text_of(value)
    port = text.rpartition(":")[2] if not text.endswith("]") and ":" in text else ""
    if not re.match(_HOST, text) or (port and not 0 < int(port) < 65536):
        fail("E_VALUE", f"'{text[:60]}' is no server", "write host or host:port")
    return text


Server = Annotated[
    str, PlainValidator(_server), WithJsonSchema({"type": "string", "pattern": _HOST})
]


class Register(Model):
    """An account: we tell the server where we are, as a telephone does, and its calls come to us.
    Calls out go there too, in the account's name."""

    server: Server = Field(description="Host or host:port that keeps the account.")
    user: str = Field(
        pattern=_USER, max_length=64, description="The account: what stands before the @."
    )
    password: SecretOf = Field(description="A variable with the account's password.")
    login: str | None = Field(
        default=None,
        pattern=r'^[^"\\\x00-\x1f\x7f]+$',
        description="The user name that goes with the password, where it is not `user`.",
    )
    expires: Annotated[Duration, Least("60s")] = Field(
        default=timedelta(minutes=10),
        description="How long we ask to be known there, at least 60s; renewed in time.",
    )
    outbound_proxy: Server | None = Field(
        default=None,
        description="Host or host:port that everything is sent to instead of `server`.",
    )

    @property
    def username(self) -> str:
        """Who answers when the server asks for the password."""
        return self.login or self.user
