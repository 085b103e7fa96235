"""Telling somebody about a message in a mailbox: a webhook, or a mail with the sound in it.

The dialplan names whom (`notify: webhook:NAME` or `mailto:ADDRESS`); where that is, and the
password, stand in the environment.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import msgspec
import structlog

log = structlog.get_logger(__name__)

WEBHOOK, MAILTO = "webhook:", "mailto:"
SMTP_URL, SMTP_FROM = "SWITCHBOARD_SMTP_URL", "SWITCHBOARD_SMTP_FROM"
SIGNATURE = "X-Switchboard-Signature"
WITHIN_S = 5.0
PAUSES_S = (0.5, 2.0)
"""Between three attempts. The call is over by then, and the job goes on no longer than that."""


class NotToldError(Exception):
    """Nobody could be told; the sentence is for the operator."""


@dataclass(frozen=True)
class Notice:
    call: str
    mailbox: str
    caller: str
    called: str
    at: str
    seconds: float
    text: str
    file: str
    """Relative to the state folder."""


def variable(name: str) -> str:
    return f"SWITCHBOARD_WEBHOOK_{name.upper().replace('-', '_')}"


def missing(notify: str, environment: Mapping[str, str]) -> str:
    """What this needs in the environment and does not find; empty if it can be done."""
    if notify.startswith(WEBHOOK):
        name = variable(notify.removeprefix(WEBHOOK))
        return "" if environment.get(name) else f"{name} is not set"
    return "" if environment.get(SMTP_URL) else f"{SMTP_URL} is not set"


async def tell(
    notify: str,
    notice: Notice,
    home: Path,
    environment: Mapping[str, str],
    *,
    pauses_s: Sequence[float] = PAUSES_S,
) -> None:
    """Three attempts; raises NotToldError after the last."""
    if wanting := missing(notify, environment):
        raise NotToldError(wanting)
    for pause in (*pauses_s, None):
        try:
            async with asyncio.timeout(WITHIN_S):
                if notify.startswith(WEBHOOK):
                    await _post(notify.removeprefix(WEBHOOK), notice, environment)
                else:
                    message = mail(notify.removeprefix(MAILTO), notice, home, environment)
                    await asyncio.to_thread(_send, message, environment[SMTP_URL])
            return
        except (aiohttp.ClientError, OSError, smtplib.SMTPException) as error:
            if pause is None:
                raise NotToldError(f"{type(error).__name__}: {error}"[:200]) from error
            await asyncio.sleep(pause)


async def _post(name: str, notice: Notice, environment: Mapping[str, str]) -> None:
    body = msgspec.json.encode({"kind": "voice_message", **asdict(notice)})
    headers = {"Content-Type": "application/json"}
    if secret := environment.get(f"{variable(name)}_SECRET"):
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers[SIGNATURE] = f"sha256={digest}"
    async with (
        aiohttp.ClientSession() as http,
        http.post(environment[variable(name)], data=body, headers=headers) as answer,
    ):
        answer.raise_for_status()


def mail(address: str, notice: Notice, home: Path, environment: Mapping[str, str]) -> EmailMessage:
    """The words that were understood, with the sound attached."""
    message = EmailMessage()
    message["Subject"] = f"Message from {notice.caller} ({notice.seconds:.0f} s)"
    message["From"] = environment.get(SMTP_FROM) or address
    message["To"] = address
    lines = [
        f"Mailbox {notice.mailbox}, number {notice.called}, {notice.at}, call {notice.call}.",
        notice.text or "No words were understood.",
    ]
    message.set_content("\n\n".join(lines) + "\n")
    sound = home / notice.file
    if sound.exists():
        message.add_attachment(
            sound.read_bytes(), maintype="audio", subtype="wav", filename=sound.name
        )
    return message


def _send(message: EmailMessage, url: str) -> None:
    """`smtp://user:password@host:port`, or `smtps://`. Without encryption no password is sent."""
    there = urlsplit(url)
    host, secure = there.hostname or "localhost", there.scheme == "smtps"
    kind: Any = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with kind(host, there.port or (465 if secure else 25), timeout=WITHIN_S) as server:
        if there.username:
            if not secure:
                server.starttls()
            server.login(unquote(there.username), unquote(there.password or ""))
        server.send_message(message)
