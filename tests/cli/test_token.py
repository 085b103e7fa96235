"""`switchboard token` makes what LiveKit's own command line makes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import typer
from livekit import api
from typer.testing import CliRunner

from gateway.cli.token import app
from gateway.spans import span

KEY, SECRET = "APIkey", "s" * 32
ENV = {"LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET, "LIVEKIT_URL": "ws://127.0.0.1:7880"}


def made(*arguments: str) -> api.access_token.Claims:
    done = CliRunner().invoke(app, [*arguments, "--token-only"], env=ENV)
    assert done.exit_code == 0, done.output
    return api.TokenVerifier(KEY, SECRET).verify(done.output.strip())


def test_a_token_to_join_says_who_and_where() -> None:
    claims = made("--join", "--room", "r1", "--identity", "ann", "--name", "Ann", "--metadata", "m")

    assert claims.video is not None
    assert (claims.video.room_join, claims.video.room) == (True, "r1")
    assert (claims.identity, claims.name, claims.metadata) == ("ann", "Ann", "m")


def test_the_finer_points_reach_the_grant() -> None:
    """LiveKit's spelling in --grant, a source, an attribute, an agent for the room."""
    claims = made(
        *("--join", "-r", "r1", "-i", "ann", "--grant", '{"canPublish": false, "hidden": true}'),
        *("--allow-source", "microphone", "--attribute", "desk=4", "--agent", "switchboard"),
    )

    assert claims.video is not None
    assert (claims.video.can_publish, claims.video.hidden) == (False, True)
    assert claims.video.can_publish_sources == ["microphone"]
    assert claims.attributes == {"desk": "4"}
    assert claims.room_config is not None
    assert [a.agent_name for a in claims.room_config.agents] == ["switchboard"]


def test_a_token_is_short_lived_unless_asked_otherwise() -> None:
    """A token cannot be taken back; LiveKit's own default here is five minutes as well."""
    import jwt

    def lifetime(*arguments: str) -> int:
        done = CliRunner().invoke(app, ["--list", *arguments, "--token-only"], env=ENV)
        claims = jwt.decode(done.output.strip(), SECRET, algorithms=["HS256"])
        return int(claims["exp"] - claims["nbf"])

    assert lifetime() == 300
    assert lifetime("--valid-for", "24h") == 86400


@pytest.mark.parametrize("text", ["5", "", "5 m", "m5", "1h30"])
def test_a_length_of_time_needs_its_unit(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        span(text)
    assert span("1h30m") == timedelta(minutes=90)


@pytest.mark.parametrize(
    "text", ["0s", "9999999d", "3651d", "1" * 1_000_000, "9" * 5000 + "s", "1s" * 300_000 + "!"]
)
def test_a_length_that_no_token_can_have_is_wrong_use(text: str) -> None:
    """Also one that was made to take long to read, or that no clock could hold."""
    with pytest.raises(typer.BadParameter):
        span(text)


@pytest.mark.parametrize("grant", ["[" * 100_000, "{", "[1]", '"x"', "1" * 5000])
def test_a_grant_that_is_no_object_is_wrong_use(grant: str) -> None:
    """However deep it is nested."""
    done = CliRunner().invoke(app, ["--list", "--grant", grant], env=ENV)

    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "say what it allows"),
        (["--join", "-i", "ann"], "need --room"),
        (["--join", "-r", "r"], "needs --identity"),
        (["--list", "--grant", "[]"], "not a JSON object"),
        (["--list", "--grant", '{"canFly": true}'], "can_fly"),
        (["--list", "--attribute", "x"], "KEY=VALUE"),
        (["--list", "--allow-source", "nose"], "microphone"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(app, arguments, env=ENV)

    assert done.exit_code == 2
    assert says in done.output
