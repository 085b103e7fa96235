"""`switchboard token`: a room token, with the flags of `lk token create`."""

from __future__ import annotations

import json
import os
import re
from typing import Annotated, Any

import typer
from livekit import api

from gateway.spans import span

app = typer.Typer()

DEFAULT = "5m"
SOURCES = ("camera", "microphone", "screen_share", "screen_share_audio")


@app.command()
def token(
    room: Annotated[str, typer.Option("--room", "-r", help="The room it is for.")] = "",
    identity: Annotated[str, typer.Option("--identity", "-i", help="Unique in the room.")] = "",
    name: Annotated[str, typer.Option("--name", "-n", help="Shown to others.")] = "",
    join: Annotated[bool, typer.Option("--join", help="May join the room.")] = False,
    create: Annotated[bool, typer.Option("--create", help="May create rooms.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="May list rooms.")] = False,
    admin: Annotated[bool, typer.Option("--admin", help="May manage the room.")] = False,
    agent: Annotated[str, typer.Option("--agent", help="Dispatched when the room is made.")] = "",
    metadata: Annotated[str, typer.Option("--metadata", help="Of the participant.")] = "",
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", help="KEY=VALUE; may be repeated.")
    ] = None,
    allow_source: Annotated[
        list[str] | None, typer.Option("--allow-source", help="Only these tracks; may be repeated.")
    ] = None,
    grant: Annotated[
        str, typer.Option("--grant", help='More of the video grant, as JSON: {"hidden": true}.')
    ] = "",
    valid_for: Annotated[
        str, typer.Option("--valid-for", help="Such as 30s, 5m or 24h.")
    ] = DEFAULT,
    api_key: Annotated[str, typer.Option("--api-key", help="Else LIVEKIT_API_KEY.")] = "",
    api_secret: Annotated[str, typer.Option("--api-secret", help="Else LIVEKIT_API_SECRET.")] = "",
    token_only: Annotated[bool, typer.Option("--token-only", help="Print nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make a token for a room, as LiveKit's own command line does."""
    if not (join or create or list_ or admin or grant):
        raise typer.BadParameter("say what it allows: --join, --create, --list, --admin or --grant")
    if (join or admin) and not room:
        raise typer.BadParameter("--join and --admin need --room")
    if join and not identity:
        raise typer.BadParameter("--join needs --identity")
    key = api_key or os.environ.get("LIVEKIT_API_KEY", "")
    secret = api_secret or os.environ.get("LIVEKIT_API_SECRET", "")
    if not key or not secret:
        typer.echo("switchboard: no LiveKit key yet: run `switchboard up` first", err=True)
        raise typer.Exit(1)
    grants: dict[str, Any] = {
        "room_join": join,
        "room_create": create,
        "room_list": list_,
        "room_admin": admin,
        "room": room,
        "can_publish_sources": _sources(allow_source or []),
        **_more(grant),
    }
    made = api.AccessToken(key, secret).with_ttl(span(valid_for))
    try:
        made = made.with_grants(api.VideoGrants(**grants))
    except TypeError as error:
        raise typer.BadParameter(f"--grant: {error}") from None
    made = made.with_identity(identity).with_name(name).with_metadata(metadata)
    if attribute:
        made = made.with_attributes(_attributes(attribute))
    if agent:
        dispatch = api.RoomAgentDispatch(agent_name=agent)
        made = made.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    jwt = made.to_jwt()
    url = os.environ.get("LIVEKIT_URL", "")
    if as_json:
        typer.echo(
            json.dumps({"access_token": jwt, "identity": identity, "room": room, "url": url})
        )
    elif token_only:
        typer.echo(jwt)
    else:
        shown = {k: v for k, v in grants.items() if v}
        typer.echo(f"Token grants:\n{json.dumps(shown, indent=2)}\n")
        if url:
            typer.echo(f"Project URL: {url}")
        typer.echo(f"Access token: {jwt}")


def _sources(asked: list[str]) -> list[str]:
    for source in asked:
        if source not in SOURCES:
            raise typer.BadParameter(f"--allow-source is one of {', '.join(SOURCES)}")
    return asked


def _attributes(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"--attribute {pair!r} is not KEY=VALUE")
        found[key] = value
    return found


def _more(grant: str) -> dict[str, Any]:
    """LiveKit's own spelling is camelCase (`canPublish`), Python's is can_publish; both work."""
    if not grant:
        return {}
    try:
        found = json.loads(grant)
        return {re.sub(r"(?<!^)([A-Z])", r"_\1", k).lower(): v for k, v in found.items()}
    except (ValueError, AttributeError, RecursionError):
        raise typer.BadParameter("--grant is not a JSON object") from None
