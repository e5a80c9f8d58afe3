"""Files of leads that came by Slack: each is decided once, a piece counts once, and the command line knows the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

import bot.cli
from bot.settings import Settings
from domain.errors import FieldProblems, NotFound
from domain.leads.file_imports import (
    ImportSettled,
    LeadImported,
    begin_import,
    drop_file,
    load_import,
    note_look,
    note_trouble,
    store_file,
    store_piece,
)
from domain.people import ensure_member, ensure_workspace
from handlers.intake.lead_file import open_file, preview, read_file, read_rows, sender_called
from storage.models import Job, Lead, LeadImport
from tests.world import World

TABLE = b"""Name,Company,E-mail,Message
Lee Wong,Northwind,lee@northwind.example,Demo
Kim Roe,Contoso,kim@contoso.example,
,,,only words
Kim Roe,Contoso,kim@contoso.example,a price
"""
ROWS = 4


def given(world: World, name: str = "Fair 2026") -> int:
    world.run(begin_import, name, "F0FAIR", "fair.csv", by=world.member("mia"), at=world.now)
    return world.run(lambda session: session.scalars(select(LeadImport.id).order_by(LeadImport.id.desc())).first()) or 0


def looked_at(world: World) -> int:
    number = given(world)
    sender = world.run(sender_called, world.workspace_id, "fair-2026", world.now)
    seen = world.run(preview, world.workspace_id, read_file(TABLE, sender), at=world.now)
    world.run(note_look, world.workspace_id, number, sha256="0" * 64, rows=ROWS, seen=seen, at=world.now)
    return number


def row(world: World, number: int) -> LeadImported:
    found = world.run(load_import, world.workspace_id, number)
    assert found is not None
    return found


def piece(world: World, number: int, begin: int, end: int) -> int | None:
    sender = world.run(sender_called, world.workspace_id, "fair-2026", world.now)
    leads = [one.lead for one in read_rows(open_file(TABLE), sender, begin, end) if one.lead is not None]
    return world.run(store_piece, world.workspace_id, number, leads, begin=begin, end=end, at=world.now)


def test_a_piece_counts_once_and_the_command_line_knows_what_is_stored(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number = looked_at(world)
    for _ in range(2):
        world.run(store_file, number, by=world.member("mia"), at=world.now)
    jobs = world.run(lambda session: list(session.scalars(select(Job.kind).order_by(Job.id))))
    assert jobs == ["lead_file_look", "lead_file_store"]
    assert [piece(world, number, 0, 3), piece(world, number, 0, 3)] == [3, 3]
    assert [piece(world, number, 3, 4), piece(world, number, 3, 4)] == [None, None]
    done = row(world, number)
    assert (done.state, done.done, done.came) == ("stored", ROWS, {"accepted": 2, "added": 1, "duplicate": 0})

    settings = Settings(_env_file=None, database_url=world.db.url.render_as_string(hide_password=False))
    monkeypatch.setattr(bot.cli, "read_settings", lambda: settings)
    file = tmp_path / "fair.csv"
    file.write_bytes(TABLE)
    shown = CliRunner().invoke(bot.cli.app, ["import", "leads", str(file), "--source", "fair-2026", "--yes"]).output
    assert "3 stored before: nothing comes of them" in shown, shown
    assert "Stored 0 new, 0 written on leads that there were, 3 known already." in shown
    assert len(world.run(lambda session: list(session.scalars(select(Lead))))) == 2


def test_each_file_is_decided_once(world: World) -> None:
    mia, number = world.member("mia"), looked_at(world)
    for _ in range(2):
        world.run(drop_file, number, by=mia, at=world.now)
    with pytest.raises(ImportSettled):
        world.run(store_file, number, by=mia, at=world.now)
    stored = looked_at(world)
    world.run(store_file, stored, by=mia, at=world.now)
    with pytest.raises(ImportSettled):
        world.run(drop_file, stored, by=mia, at=world.now)
    world.run(note_trouble, world.workspace_id, stored, "it is gone", at=world.now)
    assert (row(world, stored).state, piece(world, stored, 0, 3)) == ("refused", None)
    unread = given(world)
    with pytest.raises(ImportSettled):
        world.run(store_file, unread, by=mia, at=world.now)


def test_another_workspace_has_no_such_file(world: World) -> None:
    number = looked_at(world)

    def stranger(session: Session) -> None:
        other = ensure_workspace(session, "T2", name="Contoso", at=world.now)
        eve = ensure_member(session, other, "U-EVE", name="eve", at=world.now)
        assert load_import(session, other, number) is None
        for decide in (store_file, drop_file):
            with pytest.raises(NotFound):
                decide(session, number, by=eve, at=world.now)
        assert store_piece(session, other, number, [], begin=0, end=3, at=world.now) is None
        note_trouble(session, other, number, "theirs", at=world.now)

    world.run(stranger)
    assert row(world, number).state == "waiting"


@pytest.mark.parametrize("name", ["", "  ", "größe", "a" * 41, "-fair", "fair/2026"])
def test_a_name_that_no_source_can_have_is_refused(world: World, name: str) -> None:
    with pytest.raises(FieldProblems):
        given(world, name)
