"""Larkfield Broadband's books in one SQLite file: what the demo calls look up and change."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from agents.company.crm import Balance, CRMError, Customer, Invoice, InvoiceLine, Money, Ticket

WRONG_PINS = 3
CLOSED_FOR = timedelta(minutes=15)
FIRST_TICKET = 4000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, currency TEXT NOT NULL, address TEXT NOT NULL,
  salt BLOB NOT NULL, pin BLOB NOT NULL, wrong INTEGER NOT NULL DEFAULT 0, closed_until TEXT);
CREATE TABLE IF NOT EXISTS invoice (
  number TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customer, issued TEXT NOT NULL,
  due TEXT NOT NULL, paid INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS line (
  invoice TEXT NOT NULL REFERENCES invoice, place INTEGER NOT NULL, text TEXT NOT NULL,
  cents INTEGER NOT NULL, PRIMARY KEY (invoice, place));
CREATE TABLE IF NOT EXISTS note (
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, text TEXT NOT NULL,
  caller TEXT NOT NULL DEFAULT '', customer TEXT, at TEXT NOT NULL);
"""

# Number, name, currency, address, PIN, and invoices as (months ago, paid, lines).
_CUSTOMERS = (
    ("100200", "Maya Okafor", "GBP", "14 Harbour Street", "4711",
     ((1, True, (("Fibre 100", 3200),)),
      (0, False, (("Fibre 100", 3200), ("an engineer's visit", 4500))))),
    ("100300", "Tom Ashdown", "GBP", "2 Mill Lane", "2580",
     ((1, True, (("Fibre 500", 4500),)), (0, True, (("Fibre 500", 4500),)))),
    ("200100", "Jana Keller", "EUR", "Gartenstrasse 9", "1234",
     ((1, True, (("Glasfaser 250", 3990),)),
      (0, False, (("Glasfaser 250", 3990), ("Auslandsgespräche", 1275))))),
)  # fmt: skip


def _digest(salt: bytes, pin: str) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**12, r=8, p=1)


class DemoCompany:
    """Implements `agents.company.crm.CRM`. Calls block a thread, never the call's event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=5)
            try:
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA secure_delete = ON")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise CRMError(str(error)) from error

    def prepare(self, today: date) -> None:
        """Makes the tables and, in an empty file, the demo customers; again does nothing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.executescript(_SCHEMA)
            if db.execute("SELECT 1 FROM customer").fetchone():
                return
            for number, name, currency, address, pin, invoices in _CUSTOMERS:
                salt = secrets.token_bytes(16)
                db.execute(
                    "INSERT OR IGNORE INTO customer VALUES (?,?,?,?,?,?,0,NULL)",
                    (number, name, currency, address, salt, _digest(salt, pin)),
                )
                for ago, paid, lines in invoices:
                    issued = today - timedelta(days=10 + 30 * ago)
                    due, bill = issued + timedelta(days=21), f"{number}-{issued:%y%m}"
                    db.execute(
                        "INSERT OR IGNORE INTO invoice VALUES (?,?,?,?,?)",
                        (bill, number, issued.isoformat(), due.isoformat(), paid),
                    )
                    db.executemany(
                        "INSERT OR IGNORE INTO line VALUES (?,?,?,?)",
                        [(bill, place, text, cents) for place, (text, cents) in enumerate(lines)],
                    )

    def _identify(self, number: str, pin: str) -> Customer | None:
        now = datetime.now(UTC)
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT * FROM customer WHERE number=?", (number,)).fetchone()
            if row is None:
                return None
            if row["closed_until"] and datetime.fromisoformat(row["closed_until"]) > now:
                return None
            if hmac.compare_digest(_digest(row["salt"], pin), row["pin"]):
                db.execute(
                    "UPDATE customer SET wrong=0, closed_until=NULL WHERE number=?", (number,)
                )
                return Customer(number, row["name"])
            wrong = row["wrong"] + 1
            closed = (now + CLOSED_FOR).isoformat() if wrong >= WRONG_PINS else None
            db.execute(
                "UPDATE customer SET wrong=?, closed_until=? WHERE number=?",
                (0 if closed else wrong, closed, number),
            )
            return None

    def _invoices(self, customer: Customer) -> list[tuple[Invoice, bool]]:
        with self._open() as db:
            currency = db.execute(
                "SELECT currency FROM customer WHERE number=?", (customer.number,)
            ).fetchone()["currency"]
            found: list[tuple[Invoice, bool]] = []
            for row in db.execute(
                "SELECT * FROM invoice WHERE customer=? ORDER BY issued", (customer.number,)
            ).fetchall():
                lines = tuple(
                    InvoiceLine(line["text"], Money(Decimal(line["cents"]) / 100, currency))
                    for line in db.execute(
                        "SELECT * FROM line WHERE invoice=? ORDER BY place", (row["number"],)
                    )
                )
                total = Money(sum((ln.amount.amount for ln in lines), Decimal(0)), currency)
                issued, due = date.fromisoformat(row["issued"]), date.fromisoformat(row["due"])
                before = found[-1][0].total if found else None
                invoice = Invoice(row["number"], issued, due, total, lines, before)
                found.append((invoice, bool(row["paid"])))
            return found

    def _note(self, kind: str, text: str, caller: str, customer: str | None) -> int:
        with self._open() as db:
            row = db.execute(
                "INSERT INTO note (kind, text, caller, customer, at) VALUES (?,?,?,?,?)",
                (kind, text, caller, customer, datetime.now(UTC).isoformat()),
            )
            return int(row.lastrowid or 0)

    def _address(self, customer: Customer) -> str:
        with self._open() as db:
            return str(
                db.execute(
                    "SELECT address FROM customer WHERE number=?", (customer.number,)
                ).fetchone()["address"]
            )

    def forget(self, before: datetime) -> int:
        """Tickets and messages that callers left before then, bytes and all."""
        with self._open() as db:
            gone = db.execute("DELETE FROM note WHERE at < ?", (before.isoformat(),)).rowcount
        if gone > 0:
            with self._open() as db:
                db.isolation_level = None
                db.execute("PRAGMA temp_store = MEMORY")
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(gone, 0)

    async def identify(self, number: str, pin: str) -> Customer | None:
        return await asyncio.to_thread(self._identify, number, pin)

    async def balance(self, customer: Customer) -> Balance:
        invoices = await asyncio.to_thread(self._invoices, customer)
        if not invoices:
            raise CRMError("no invoices")
        unpaid = [invoice for invoice, paid in invoices if not paid]
        owed = sum((invoice.total.amount for invoice in unpaid), Decimal(0))
        currency = invoices[-1][0].total.currency
        return Balance(
            Money(owed, currency), min((invoice.due for invoice in unpaid), default=None)
        )

    async def last_invoice(self, customer: Customer) -> Invoice | None:
        invoices = await asyncio.to_thread(self._invoices, customer)
        return invoices[-1][0] if invoices else None

    async def promise_invoice(self, customer: Customer) -> str:
        await asyncio.to_thread(self._note, "send_invoice", "", "", customer.number)
        return await asyncio.to_thread(self._address, customer)

    async def open_ticket(self, text: str, *, caller: str, customer: Customer | None) -> Ticket:
        owner = customer.number if customer else None
        number = await asyncio.to_thread(self._note, "ticket", text, caller, owner)
        return Ticket(str(FIRST_TICKET + number), text)

    def _newest_ticket(self, caller: str) -> Ticket | None:
        with self._open() as db:
            row = db.execute(
                "SELECT * FROM note WHERE kind='ticket' AND caller=? ORDER BY number DESC LIMIT 1",
                (caller,),
            ).fetchone()
        return Ticket(str(FIRST_TICKET + row["number"]), row["text"]) if row else None

    async def last_ticket(self, caller: str) -> Ticket | None:
        return await asyncio.to_thread(self._newest_ticket, caller)

    async def take_message(self, text: str, *, caller: str, wanted: str) -> Ticket:
        number = await asyncio.to_thread(self._note, "message", text, caller, wanted or None)
        return Ticket(str(number), text)
