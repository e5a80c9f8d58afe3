"""The scoreboard as a file: each figure in a line, in the reader's messages, and no more than they see on the board."""

from __future__ import annotations

import csv
from typing import Any

from sqlalchemy import select, update

from domain.leads.declining import decline_lead
from domain.leads.definition import write_definition
from domain.leads.lifecycle import contact_lead
from domain.leads.tries import log_try
from domain.scoreboard import Tried, load_scoreboard
from domain.scoreboard_export import scoreboard_lines
from handlers.scoreboard.views import scoreboard_view
from playground import Fault
from playground.records import File
from storage.models import Policy, Team, Workspace
from tests.progress import until
from tests.running import running
from tests.world import World


def lines(world: World, who: str, team: str = "") -> list[dict[str, str]]:
    board = world.run(load_scoreboard, weeks=4, team=team, by=world.member(who), at=world.now)
    text = "".join(scoreboard_lines(board))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


def figure(rows: list[dict[str, str]], about: str, name: str, week: str = "") -> tuple[str, ...]:
    (row,) = [row for row in rows if (row["about"], row["figure"], row["week"]) == (about, name, week)]
    return row["value"], row["unit"], row["count"], row["of"]


def test_each_figure_is_a_line_with_its_numbers(world: World) -> None:
    first, second, third = (world.lead(f"Lead {number}") for number in range(3))
    world.run(contact_lead, first, by=world.member("ana"), at=world.later(minutes=2))
    world.run(contact_lead, second, by=world.member("bo"), at=world.later(minutes=1))
    world.run(decline_lead, third, reason="bad_data", note="", by=world.member("bo"), at=world.later(seconds=1))
    world.later(seconds=1)
    rows = lines(world, "ana")
    assert figure(rows, "all", "leads") == ("3", "leads", "", "")
    assert figure(rows, "all", "contacted in time") == ("1.0000", "share", "2", "2")
    assert figure(rows, "all", "half within") == ("2.0", "minutes", "", "2")
    assert figure(rows, "all", "accepted by sales") == ("0.6667", "share", "2", "3")
    assert figure(rows, "all", "accepted by sales", "2026-11-16") == ("0.6667", "share", "2", "3")
    assert figure(rows, "bad data", "given back") == ("1", "leads", "", "")
    assert figure(rows, "all", "first answers to themes") == ("", "share", "0", "0")
    assert {row["from"] for row in rows} == {"2026-10-26T00:00+00:00"}


def test_tries_are_counted_and_whom_they_reached(world: World) -> None:
    world.run(lambda session: session.execute(update(Policy).values(tries=3, tries_days=2)))
    ana = world.member("ana")
    first, second = world.lead("Lead 1"), world.lead("Lead 2")
    assert "Tries without" not in str(scoreboard_view(world.run(load_scoreboard, by=ana, at=world.now)))
    for lead in (first, first, second):
        world.run(log_try, lead, by=ana, at=world.later(minutes=2))
    world.run(contact_lead, second, by=ana, at=world.later(minutes=1))
    board = world.run(load_scoreboard, by=ana, at=world.later(seconds=1))
    assert board.sales.tried == Tried(3, 2, 1)
    assert "3, on 2 leads; of these 1 was reached" in str(scoreboard_view(board))
    assert figure(lines(world, "bo"), "all", "tries without an answer")[0] == "3"
    assert figure(lines(world, "bo"), "all", "reached after a try") == ("0.5000", "share", "1", "2")


def test_persons_are_in_the_file_of_who_may_see_them(world: World) -> None:
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=2))

    def people(who: str) -> set[str]:
        return {row["about"] for row in lines(world, who) if row["level"] == "person"}

    assert (people("ana"), people("bo")) == ({"ana"}, set())
    mia = world.member("mia").id
    world.run(lambda session: session.execute(update(Team).values(manager_id=mia)))
    assert people("mia") == {"ana"}


def test_the_versions_of_the_definition_that_leads_were_judged_by_are_told(world: World) -> None:
    def define(*criteria: str) -> None:
        def write(session: Any) -> None:
            workspace = session.scalars(select(Workspace).where(Workspace.id == world.workspace_id)).one()
            write_definition(session, workspace, criteria, None, by=None, at=world.now)

        world.run(write)

    def told() -> tuple[str, str]:
        board = world.run(load_scoreboard, weeks=4, by=world.member("ana"), at=world.now)
        return str(scoreboard_view(board)), lines(world, "ana")[0]["definition"]

    assert "Leads were judged" not in told()[0]
    define("email is set")
    world.later(days=60)
    define("email is set", "phone is set")  # within the time
    view, versions = told()
    assert "Leads were judged by version 1 of the definition, since " in view
    assert "by version 2." in view
    assert versions == "1 2"
    world.later(days=60)
    view, versions = told()
    assert "Leads were judged by version 2 of the definition." in view
    assert versions == "2"


async def test_the_button_hands_the_file_over_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        board = await tandem.slack.channel("#general").command("/tandem scoreboard", by="mia")
        await board.button("As a file").click(by="mia")
        files = tandem.slack.workspace.files

        async def one() -> bool:
            return any(file.shared for file in files.values())

        await until(one, lambda: len(files), what="a file in a DM")
        (file,) = [one for one in files.values() if one.shared]
        assert isinstance(file, File)
        assert file.shared == [tandem.slack.dm("mia").id]
        assert "contacted in time" in file.content.decode("utf-8-sig")
        await tandem.slack.dm("mia").message(containing="The scoreboard of the last 4 weeks")


async def test_where_files_may_not_be_uploaded_the_person_reads_what_to_do(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.faults.next("files.getUploadURLExternal", Fault.refuse("missing_scope"))
        board = await tandem.slack.channel("#general").command("/tandem scoreboard", by="mia")
        await board.button("As a file").click(by="mia")
        await tandem.slack.dm("mia").message(containing="There is no file of the scoreboard")
