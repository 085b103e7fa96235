"""Calls and their events, people, sessions, keys and the audit trail."""

import sqlalchemy as sa
from alembic import op

from gateway.storage.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_event",
        sa.Column("seq", serial, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("call_id", sa.String(160), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("call_event_call", "call_event", ["call_id", "seq"])
    op.create_table(
        "call",
        sa.Column("id", sa.String(160), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("called", sa.String(80), nullable=False),
        sa.Column("caller", sa.String(80), nullable=False),
        sa.Column("persona", sa.String(80)),
        sa.Column("agent", sa.String(80)),
        sa.Column("cause", sa.String(40)),
        sa.Column("reason", sa.String(60)),
        sa.Column("disposition", sa.String(60)),
        sa.Column("gap_max_ms", sa.Float),
        sa.Column("problems", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
    )
    op.create_index("call_started", "call", ["started_at", "id"])
    op.create_index("call_live", "call", ["live"])
    op.create_index("call_seq", "call", ["seq"])
    op.create_index("call_ended", "call", ["ended_at"])
    op.create_table(
        "person",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("display", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("subject", sa.String(255), unique=True),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("ip", sa.String(64), nullable=False),
    )
    op.create_index("session_name", "session", ["name"])
    op.create_table(
        "api_key",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("last_used_at", Utc),
    )
    op.create_table(
        "audit",
        sa.Column("id", serial, primary_key=True, autoincrement=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("call_id", sa.String(160)),
        sa.Column("ip", sa.String(64), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("audit_call", "audit", ["call_id"])
    op.create_index("audit_at", "audit", ["at"])


def downgrade() -> None:
    for table in ("audit", "api_key", "session", "person", "call", "call_event"):
        op.drop_table(table)
