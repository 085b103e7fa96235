"""How calls come in and go out: numbers and trunks."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from dialplans.model.actions import PARTS, Action
from dialplans.model.registering import Register
from dialplans.model.values.base import Flag, Model, Name, fail, text_of
from dialplans.model.values.patterns import Country, NumberOf
from dialplans.model.values.scalars import Language, SecretOf, Timezone


class Number(Model):
    """A number that belongs to us, or an entrance on the web."""

    trunk: Name | None = Field(
        default=None,
        description="The trunk that brings its calls; `web` and short numbers have none.",
    )
    route: Name = Field(description="The rules that decide about its calls.")
    language: Language | None = Field(
        default=None, description="The language of the greeting; else `defaults.language`."
    )
    timezone: Timezone | None = Field(
        default=None, description="Where its hours are read; else the plan's time zone."
    )
    label: str = Field(default="", description="What people call it: shown in the console.")
    concurrent: int | None = Field(
        default=None, ge=1, description="Calls at once on this number; else `limits.per_number`."
    )


def _network(value: Any) -> str:
    text_of(value)
    try:
        network = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        hint = 'write "203.0.113.5" or "203.0.113.0/28"'
        fail("E_ADDRESS", f"'{value}' is not an address or a range of addresses", hint)
    if ipaddress.ip_interface(str(value)).ip != network.network_address:
        fail("E_ADDRESS", f"'{value}' is an address within a range", f'write "{network}"')
    return str(network)


Network = Annotated[str, PlainValidator(_network), WithJsonSchema({"type": "string"})]
"""An IP address or a range of them (CIDR)."""


class Auth(Model):
    """Digest. `auth: env:NAME` is short for `{credentials: env:NAME}`."""

    credentials: SecretOf | None = Field(
        default=None,
        description="A variable holding `user:password`, or `user:password@host` for both ways.",
    )
    username: str | None = Field(default=None, min_length=1, description="The user's name.")
    password: SecretOf | None = Field(default=None, description="A variable with the password.")
    realm: str | None = Field(
        default=None, description="The realm in which it is asked; of no use for calls out."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"credentials": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> Auth:
        pair = (self.username is None, self.password is None)
        if self.credentials is None and any(pair):
            fail("E_MISSING", "digest needs a username and a password", "or write env:NAME")
        if self.credentials is not None and not all(pair):
            fail("E_TYPE", "write either credentials or username and password, not both")
        return self


class Outbound(Model):
    """Where calls that we dial go. A text is short for `{address: TEXT}`."""

    address: str = Field(
        pattern=r"^[A-Za-z0-9.\[\]:-]+$", description="Host or host:port of the carrier."
    )
    caller_id: NumberOf | None = Field(default=None, description="The number that is shown.")
    auth: Auth | None = Field(default=None, description="Other digest than for calls in.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"address": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _asked_by_them(self) -> Outbound:
        if self.auth is not None and self.auth.realm is not None:
            said = "the realm of a call out is named by whoever asks for the password"
            fail("E_KEY", said, "leave realm out here")
        return self


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        fail("E_VALUE", f"'{twice}' stands there twice", "leave the second out")
    return names


Codecs = Annotated[tuple[Literal["g722", "pcmu", "pcma"], ...], AfterValidator(_each_once)]


Dialled = Annotated[str, Field(pattern=r"^[A-Za-z0-9*#._+-]{1,64}$")]
"""What a telephone dials to reach a place: an extension, a name, a number."""

Told = Literal["diversion", "history_info", "asserted_identity", "charging_vector"]


class Transfers(Model):
    """Where a telephone may transfer its call to by REFER (RFC 3515). Without it: nowhere."""

    to: Mapping[Dialled, Action] = Field(
        default={}, description="What the telephone dials, and where the call goes then."
    )
    numbers: Flag = Field(
        default=False, description="Whether it may dial our own numbers, too: by their routes."
    )
    replaces: Flag = Field(
        default=False,
        description="Whether somebody whom it has on another line may take its place (Replaces).",
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Transfers:
        if not (self.to or self.numbers or self.replaces):
            fail("E_MISSING", "nobody could be transferred anywhere", "name a place in `to`")
        for dialled, action in self.to.items():
            if action.kind not in PARTS:
                said = f"'{dialled}' leads to no place where a call can be"
                fail("E_ACTION", said, f"name one of {', '.join(PARTS)}")
        return self


class Trunk(Model):
    """A carrier or a telephone system: who may send calls, and how ours go out."""

    allow: tuple[Network, ...] = Field(default=(), description="Addresses that may send calls.")
    auth: Auth | None = Field(default=None, description="Digest asked of whoever sends calls.")
    account: Register | None = Field(
        default=None,
        alias="register",
        description="The account that we register; its server may send calls.",
    )
    transport: Literal["auto", "udp", "tcp", "tls"] = Field(
        default="auto",
        description="How our calls go out; with `tls` calls in have to, too.",
    )
    srtp: Literal["off", "allowed", "required"] = Field(
        default="off",
        description="Whether the sound is encrypted; `allowed`: if both can.",
    )
    codecs: Codecs = Field(
        default=(), description="What is spoken on it and nothing else, the best first."
    )
    dtmf: Literal["auto", "inband"] = Field(
        default="auto",
        description="How its callers' keys come: as events (RFC 4733) and INFO, whichever is used; "
        "with `inband` as tones in the sound as well, which is heard 20 ms later then.",
    )
    outbound: Outbound | None = Field(default=None, description="Where calls that we dial go.")
    country: Country | None = Field(
        default=None,
        description="Where its national numbers belong; else the country of the number called.",
    )
    trusted: Flag = Field(
        default=False,
        description="Whether `P-Asserted-Identity` is believed; a withheld one only blocks.",
    )
    transfers: Transfers | None = Field(
        default=None, description="Where a telephone on it may transfer its call to."
    )
    tells: Annotated[tuple[Told, ...], AfterValidator(_each_once)] = Field(
        default=(),
        description="What it is told of a caller whom we ring somebody for: who sent the call on"
        " (`diversion`, `history_info`), who calls (`asserted_identity`), `charging_vector`.",
    )
    label: str = Field(default="", description="What people call it.")

    @model_validator(mode="after")
    def _somebody_is_kept_out(self) -> Trunk:
        if self.account is not None:
            return self
        if not self.allow and self.auth is None and self.outbound is None:
            fail(
                "E_TRUNK_OPEN",
                "anybody could send calls through this trunk",
                "add allow: [ADDRESS] or auth: env:NAME",
            )
        return self

    @model_validator(mode="after")
    def _tells_who_is_called(self) -> Trunk:
        if self.tells and not self.dials:
            fail(
                "E_VALUE", "nothing is told to a trunk that carries no calls out", "leave tells out"
            )
        return self

    @model_validator(mode="after")
    def _one_account(self) -> Trunk:
        if self.account is not None and self.auth is not None:
            said = "the server that we register with is known by its address and proves nothing"
            fail("E_REGISTER", said, "leave auth out, or make a trunk of its own for it")
        if self.account is not None and self.outbound is not None:
            said = "calls out go where the trunk registers, in the account's name"
            fail("E_REGISTER", said, "leave outbound out, or make a trunk of its own for it")
        return self

    @property
    def dials(self) -> bool:
        """Whether it can carry a call out: an address of its own, one in its credentials, or an
        account."""
        if self.outbound is not None or self.account is not None:
            return True
        return self.auth is not None and self.auth.credentials is not None
