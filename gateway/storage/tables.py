"""The tables, as SQLAlchemy Core sees them. Changes go through a migration beside this file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()

_Serial = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts only INTEGER keys up


class Utc(TypeDecorator[datetime]):
    """Aware UTC in Python whatever the database keeps: SQLite drops the zone, so we put it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        aware = value.astimezone(UTC)
        return aware.replace(tzinfo=None) if dialect.name == "sqlite" else aware

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


call_event = Table(
    "call_event",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("call_id", String(160), nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Index("call_event_call", "call_id", "seq"),
    sqlite_autoincrement=True,  # a deleted last row never gives its number to another event
)

call = Table(
    "call",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("live", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("called", String(80), nullable=False),
    Column("caller", String(80), nullable=False),
    Column("persona", String(80)),
    Column("agent", String(80)),
    Column("cause", String(40)),
    Column("reason", String(60)),
    Column("disposition", String(60)),
    Column("gap_max_ms", Float),
    Column("problems", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("call_started", "started_at", "id"),
    Index("call_live", "live"),
    Index("call_seq", "seq"),
    Index("call_ended", "ended_at"),
)

person = Table(
    "person",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("display", String(120), nullable=False),
    Column("password_hash", String(255)),
    Column("subject", String(255), unique=True),
    Column("roles", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("ip", String(64), nullable=False),
    Index("session_name", "name"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("roles", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("last_used_at", Utc),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("who", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("call_id", String(160)),
    Column("ip", String(64), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("audit_call", "call_id"),
    Index("audit_at", "at"),
)
