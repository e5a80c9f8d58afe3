"""`./tandem jobs` as an admin types it: what is dead is seen, done again or dropped; mistakes are sentences."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli import main
from domain.dead_jobs import bury_job
from storage import jobs
from storage.models import AuditEvent, Job
from tests.world import World

LEASE = timedelta(seconds=45)


@dataclass(frozen=True)
class Fetch:
    kind: ClassVar[str] = "fetch"

    url: str


@pytest.fixture
def engine_name() -> str:
    """The command asks no engine's own question."""
    return "sqlite"


@dataclass
class Shell:
    """Types `tandem jobs …` and reads what came back."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> tuple[int, str]:
        self.monkeypatch.setattr(sys, "argv", ["tandem", "jobs", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self.capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    def dead(self, url: str) -> int:
        world = self.world
        job_id: int = world.run(jobs.enqueue, world.workspace_id, Fetch(url), at=world.now, secret="plain:https://hook")
        self.world.run(self._bury)
        return job_id

    def _bury(self, session: Session) -> None:
        world = self.world
        held = jobs.hold_job(session, "fetch", world.workspace_id, holder="p", at=world.now, lease=LEASE)
        assert held is not None
        assert bury_job(session, held, "http_500", what="a fetch", remedy="Look.", at=world.now)


@pytest.fixture
def shell(
    world: World, migrated_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    return Shell(world, monkeypatch, capsys)


def test_what_is_dead_is_listed_with_its_reason_and_shown_without_its_secret(shell: Shell) -> None:
    assert shell("list") == (0, "No job waits, runs or is dead.\n")
    job_id = shell.dead("https://example.com/a")
    code, said = shell("list")
    assert code == 0
    assert f"{job_id}  dead" in said
    assert "http_500" in said
    code, said = shell("show", str(job_id))
    for words in ("fetch", "https://example.com/a", "http_500", "1, of which 0 failed"):
        assert words in said
    assert "hook" not in said


def test_dead_jobs_are_replayed_by_number_or_by_kind_and_that_is_written_down(shell: Shell) -> None:
    first, second = shell.dead("a"), shell.dead("b")
    assert shell("replay", str(first)) == (0, f"Job {first} (fetch) is to be done again.\n")
    assert shell("replay", "--kind", "fetch") == (0, f"Job {second} (fetch) is to be done again.\n")
    assert shell("replay", "--kind", "fetch") == (0, "No job of the kind fetch is dead.\n")
    states = shell.world.run(lambda session: session.scalars(select(Job.state)).all())
    assert set(states) == {"waiting"}
    noted = shell.world.run(lambda session: session.scalars(select(AuditEvent.action)).all())
    assert list(noted).count("replayed") == 2


def test_a_job_is_dropped_for_good(shell: Shell) -> None:
    job_id = shell.dead("a")
    assert shell("drop", str(job_id)) == (0, f"Job {job_id} (fetch) is dropped.\n")
    code, said = shell("replay", str(job_id))
    assert (code, "is dropped, so nothing was changed" in said) == (2, True)
    assert "dropped" in shell("list", "--all")[1]


def test_a_number_that_is_no_jobs_is_said_to_be_none(shell: Shell) -> None:
    code, said = shell("show", "4711")
    assert (code, said) == (2, "There is no job 4711. `./tandem jobs list` shows what there is.\n")
    assert shell("replay")[0] == 2
