"""Settings of SIP over TLS that are half of something, and files that cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialplans.process.tls_files import TlsFiles
from tests.sip.bridge.authority import Authority

PREFIX = "SWITCHBOARD_SIP_TLS_"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> tuple[str, str]:
    return authority.issue("leg", "leg.example")


def test_nothing_set_is_no_problem() -> None:
    assert TlsFiles.from_environment({}).problems() == []


def test_a_whole_set_is_no_problem(authority: Authority, pair: tuple[str, str]) -> None:
    """All, without a listener, or only whom to believe."""
    listen = {"LISTEN": "127.0.0.1:5061", "CLIENT_CA": authority.file, "CA": authority.file}
    certificate = {"CERTIFICATE": pair[0], "KEY": pair[1]}
    for found in (listen | certificate, certificate, {"CA": authority.file}):
        files = TlsFiles.from_environment({PREFIX + name: file for name, file in found.items()})

        assert files.problems() == []


@pytest.mark.parametrize(
    ("given", "named", "fix"),
    [
        ({"LISTEN": "127.0.0.1:5061"}, "LISTEN", "CERTIFICATE"),
        ({"CERTIFICATE": "leg.pem"}, "CERTIFICATE", "KEY"),
        ({"KEY": "leg.key.pem"}, "KEY", "CERTIFICATE"),
        ({"LISTEN": "127.0.0.1:5061", "KEY": "leg.key.pem"}, "KEY", "CERTIFICATE"),
        ({"CLIENT_CA": "authority.ca.pem"}, "CLIENT_CA", "LISTEN"),
        ({"LISTEN": "5061", "CERTIFICATE": "leg.pem", "KEY": "leg.key.pem"}, "LISTEN", "0.0.0.0"),
        ({"LISTEN": "x:99999", "CERTIFICATE": "leg.pem", "KEY": "leg.key.pem"}, "LISTEN", "5061"),
    ],
)
def test_half_of_it_is_refused_with_the_setting_and_what_to_do(
    authority: Authority,
    pair: tuple[str, str],
    tmp_path: Path,
    given: dict[str, str],
    named: str,
    fix: str,
) -> None:
    whole = {
        PREFIX + name: value if name == "LISTEN" else str(tmp_path / value)
        for name, value in given.items()
    }
    (problem,) = TlsFiles.from_environment(whole).problems()

    assert problem.startswith(f"{PREFIX}{named}=")
    assert fix in problem.partition(": ")[2]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("no certificate", "CERTIFICATE=.*No such file"),
        ("no key", "KEY=.*No such file"),
        ("a folder", "CERTIFICATE=.*Is a directory"),
        ("no PEM", "CERTIFICATE=.*cannot be read"),
        ("two of them swapped", "CERTIFICATE=.*cannot be read"),
        ("another's key", "CERTIFICATE=.*belongs to another certificate"),
        ("a locked key", "CERTIFICATE=.*locked with a password"),
        ("no authority", "CLIENT_CA=.*No such file"),
        ("an authority that is none", "CA=.*cannot be read"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    authority: Authority, pair: tuple[str, str], tmp_path: Path, spoil: str, said: str
) -> None:
    """Nobody is asked for the password of a key at a terminal that is not there."""
    certificate, key = pair
    client_ca = ca = authority.file
    gone, nonsense = str(tmp_path / "gone.pem"), tmp_path / "nonsense.pem"
    nonsense.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    match spoil:
        case "no certificate":
            certificate = gone
        case "no key":
            key = gone
        case "a folder":
            certificate = str(tmp_path)
        case "no PEM":
            certificate = str(nonsense)
        case "two of them swapped":
            certificate, key = key, certificate
        case "another's key":
            key = authority.issue("other", "o.example")[1]
        case "a locked key":
            key = authority.issue("locked", "l.example", password="secret")[1]
        case "no authority":
            client_ca = gone
        case _:
            ca = str(nonsense)
    (problem,) = TlsFiles("127.0.0.1:5061", certificate, key, client_ca, ca).problems()

    assert re.match(PREFIX + said, problem)
    assert "has to be" in problem or "name a PEM file" in problem


def test_files_have_the_same_name_in_every_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/tmp")
    found = TlsFiles("127.0.0.1:5061", "a.pem", "/etc/b.pem").absolute()

    assert found.to_environment() == {
        f"{PREFIX}LISTEN": "127.0.0.1:5061",
        f"{PREFIX}CERTIFICATE": "/tmp/a.pem",
        f"{PREFIX}KEY": "/etc/b.pem",
    }
