"""Commands that change one workspace say which, where there are several."""

import pytest
from sqlalchemy import update

from bot.commands.offline import choose_workspace
from bot.settings import SettingsProblem
from domain.people import ensure_workspace
from storage.database import Database
from storage.models import Workspace
from tests.world import MONDAY_NOON


def add(db: Database, *teams: str) -> list[int]:
    return [db.run_sync(ensure_workspace, team, name=f"Team {team}", at=MONDAY_NOON) for team in teams]


def test_the_only_workspace_need_not_be_named(db: Database) -> None:
    (only,) = add(db, "T1")
    assert db.read_sync(choose_workspace, None) == only


def test_of_several_one_must_be_named_and_the_sentence_lists_them(db: Database) -> None:
    _, second = add(db, "T1", "T2")
    with pytest.raises(SettingsProblem, match=r"--workspace: T1 \(Team T1\), T2 \(Team T2\)"):
        db.read_sync(choose_workspace, None)
    assert db.read_sync(choose_workspace, "T2") == second


def test_a_name_that_is_none_is_answered_by_those_that_there_are(db: Database) -> None:
    add(db, "T1", "T2")
    with pytest.raises(SettingsProblem, match=r"no workspace T9\. There are: T1"):
        db.read_sync(choose_workspace, "T9")


def test_a_workspace_that_nobody_speaks_for_any_more_is_not_in_the_way(db: Database) -> None:
    first, second = add(db, "T1", "T2")
    gone = update(Workspace).where(Workspace.id == first).values(state="stopped", stopped_reason="not_installed")
    db.run_sync(lambda session: session.execute(gone))
    assert db.read_sync(choose_workspace, None) == second
    assert db.read_sync(choose_workspace, "T1") == first
