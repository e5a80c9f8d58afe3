"""`./tandem webhooks` as an admin types it: endpoints are added and listed, what was given up is sent again."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cli import main
from storage.models import WebhookEndpoint, WebhookMessage
from tests.running import KEY
from tests.world import World


@pytest.fixture
def engine_name() -> str:
    """The command asks no engine's own question."""
    return "sqlite"


@dataclass
class Shell:
    """Types `tandem webhooks …` and reads what came back."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> tuple[int, str]:
        self.monkeypatch.setattr(sys, "argv", ["tandem", "webhooks", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self.capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err


@pytest.fixture
def tandem(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("DATABASE_URL", world.db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TANDEM_SECRET_KEY", KEY)
    return Shell(world, monkeypatch, capsys)


def fail_all(session: Session) -> None:
    session.execute(
        update(WebhookMessage).values(
            state="dead", due_at=None, finished_at=WebhookMessage.created_at, error="http_500", tries=10
        )
    )
    session.execute(
        update(WebhookEndpoint).values(failures=10, failing_since=WebhookEndpoint.created_at, last_error="http_500")
    )


def states(world: World) -> list[tuple[str, int]]:
    return world.run(
        lambda session: [
            (one.state, one.tries) for one in session.scalars(select(WebhookMessage).order_by(WebhookMessage.id))
        ]
    )


def test_an_endpoint_is_added_listed_and_tested(tandem: Shell) -> None:
    assert "Nothing is sent anywhere" in tandem("list")[1]
    code, said = tandem("add", "https://example.com/hooks?key=1", "--event", "lead", "--event", "voc.theme.merged")
    assert code == 0
    assert "whsec_" in said
    assert "at example.com gets lead, voc.theme.merged" in said
    tandem.world.lead()
    assert "on its way to example.com" in tandem("test", "1")[1]
    said = tandem("list")[1]
    assert "whsec_" not in said
    assert "3 events waiting" in said
    assert "https://example.com/hooks?key=1" in said


def test_what_was_given_up_is_sent_again_or_all_of_some_time(tandem: Shell) -> None:
    tandem("add", "https://example.com/hooks")
    tandem.world.lead()
    tandem.world.run(fail_all)
    said = tandem("list")[1]
    assert "2 given up" in said
    assert "it answered 500" in said
    assert "2 events to be sent again" in tandem("replay", "1")[1]
    assert states(tandem.world) == [("waiting", 0)] * 2
    assert "0 events to be sent again" in tandem("replay", "1")[1]
    tandem.world.run(fail_all)
    assert "0 events" in tandem("replay", "1", "--since", "2026-11-17")[1]
    assert "0 events" in tandem("replay", "1", "--since", "2026-11-15", "--until", "2026-11-16T11:59")[1]
    assert "2 events" in tandem("replay", "1", "--since", "2026-11-16", "--until", "2026-11-17")[1]


def test_an_endpoint_is_paused_resumed_given_a_new_secret_and_removed(tandem: Shell) -> None:
    tandem("add", "https://example.com/hooks")
    assert "is paused: what happens is kept" in tandem("pause", "1")[1]
    assert "paused (by an admin)" in tandem("list")[1]
    assert "Resume it first" in tandem("test", "1")[1]
    assert "is active" in tandem("resume", "1")[1]
    assert "whsec_" in tandem("rotate", "1")[1]
    assert "is removed" in tandem("remove", "1")[1]
    assert "Nothing is sent anywhere" in tandem("list")[1]


def test_mistakes_are_sentences(tandem: Shell) -> None:
    code, said = tandem("add", "http://example.com/hooks", "--event", "leads")
    assert code == 2
    assert "Webhooks go only to addresses that begin with https://." in said
    assert "Tandem has no such events: leads." in said
    assert "private network" in tandem("add", "https://192.168.1.1/")[1]
    assert "no longer exists" in tandem("test", "7")[1]
    assert "yesterday is no time" in tandem("replay", "7", "--since", "yesterday")[1]
    for number in range(10):
        assert tandem("add", f"https://example.com/{number}")[0] == 0
    assert "There are 10 endpoints already" in tandem("add", "https://example.com/x")[1]
    assert "already an endpoint" in tandem("add", "https://example.com/1")[1]
    tandem.monkeypatch.delenv("TANDEM_SECRET_KEY")
    assert "TANDEM_SECRET_KEY is not set" in tandem("rotate", "1")[1]
