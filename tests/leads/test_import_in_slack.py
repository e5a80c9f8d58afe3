"""A CSV of leads in Slack: given in a form, looked at, and stored when somebody says so."""

from __future__ import annotations

import csv
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.file_imports import store_file
from domain.people import actor
from handlers.imports import jobs as import_jobs
from playground import Fault
from playground.modals import Modal
from storage import crash, jobs
from storage.models import Job, Lead, LeadImport, Member
from tests.progress import until
from tests.running import Running, running

HEADER = "Name,Company,E-mail,Phone,Message,Employees\n"
GOOD = HEADER + "Lee Wong,Northwind,lee@northwind.example,'+49 30 1,Demo,12\nKim Roe,Contoso,kim@contoso.example,,,\n"
MIXED = GOOD + ",,,,only words,\n=1+1,Initech,ok@initech.example,,,\na,b,c,d,e,f,g\n"


async def form(tandem: Running, by: str = "mia") -> Modal:
    found = await tandem.slack.channel("#general").command("/tandem import leads", by=by)
    assert isinstance(found, Modal), found.text
    return found


async def give(tandem: Running, data: bytes | str, name: str = "Fair 2026", file: str = "fair.csv") -> Any:
    """Give a file, and wait until Tandem has said what is in it."""
    before = len(tandem.slack.dm("mia").messages)
    modal = (await form(tandem)).fill(name=name)
    modal.attach("file", file, data if isinstance(data, bytes) else data.encode())
    sent = await modal.submit()
    assert sent == {}
    assert "is being looked at" in sent.answer.text
    await told(tandem, before)
    return next(one for one in tandem.slack.dm("mia").messages[before:] if not one.record.files)


async def told(tandem: Running, before: int) -> None:
    async def more() -> bool:
        return any(not one.record.files for one in tandem.slack.dm("mia").messages[before:])

    await until(more, lambda: len(tandem.slack.dm("mia").messages), what="a message about the file")


def stored(session: Session) -> list[Lead]:
    return list(session.scalars(select(Lead).order_by(Lead.id)))


async def test_a_file_is_looked_at_and_then_stored_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        seen = await give(tandem, MIXED)
        for words in (
            "fair.csv holds 3 leads, to be stored as leads of fair-2026. 2 lines cannot be read",
            "As they are called: Name, Company, E-mail and Phone",
            "Message → What they want",
            "Kept with the lead, for rules: Employees",
            "line 4: A lead needs something to know the person by",
            "All of them come as a file, each with its reason.",
            "Nothing is stored yet.",
        ):
            assert words in seen.text, seen.text
        assert seen.buttons == ["Store 3 leads", "Throw away"]
        assert await tandem.program.db.read(stored) == []
        bad = await tandem.slack.dm("mia").message(containing="The 2 lines of fair.csv that cannot be read are here")
        (file,) = bad.record.files
        content = tandem.slack.workspace.files[file["id"]].content.decode("utf-8-sig")
        assert [row[0] for row in csv.reader(content.splitlines())] == ["line", "4", "6"]

        again = await give(tandem, MIXED)
        await seen.button("Store 3 leads").click(by="mia")
        await seen.changed(containing="Stored 3 new, 0 written on leads that there were, 0 known already.")
        assert "2 lines left out" in seen.text
        found = [(one.name, one.source, one.phone) for one in await tandem.program.db.read(stored)]
        assert found == [
            ("Lee Wong", "fair-2026", "+49 30 1"),
            ("Kim Roe", "fair-2026", None),
            ("=1+1", "fair-2026", None),
        ]
        await tandem.slack.channel("#leads").message(containing="Kim Roe")

        await again.button("Store 3 leads").click(by="mia")
        await again.changed(containing="Stored 0 new, 0 written on leads that there were, 3 known already.")
        dropped = await give(tandem, GOOD, file="other.csv")
        assert "2 stored before: nothing comes of them" in dropped.text
        assert dropped.buttons == ["Throw away"]
        await dropped.button("Throw away").click(by="mia")
        await dropped.changed(containing="other.csv was thrown away. Nothing of it was stored.")
        assert len(await tandem.program.db.read(stored)) == 3


REFUSED: dict[str, tuple[bytes | str, str]] = {
    "nothing in it": ("", "The file is empty."),
    "a header alone": (HEADER, "The file has no rows below its header."),
    "a workbook": (b"PK\x03\x04 rest", "This is an Excel workbook"),
    "a web page": ("<!DOCTYPE html><html><body>Sign in</body></html>", "This is a web page, no CSV"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is not a text file"),
    "no lead on any line": (HEADER + ",,,,words,\n", "Not one line of fair.csv can be taken."),
    "too many rows": (HEADER + "a,b,,,,\n" * 5_001, "The file has more than 5,000 rows"),
    "too large": (b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
}


async def test_what_cannot_be_taken_is_told_and_nothing_is_stored(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        for what, (data, words) in REFUSED.items():
            seen = await give(tandem, data)
            assert words in seen.text, (what, seen.text)
            assert "Nothing was stored" in seen.text, (what, seen.text)
            assert seen.buttons == ["Import another file"], what
        modal = await form(tandem)
        sent = await modal.fill(name="Größe!").attach("file", "a.csv", b"x").submit()
        assert "small letters, digits and hyphens" in sent["name"]
        modal.fill(name="fair")
        modal.view.values["file"] = {"file": {"type": "file_input", "files": [{"id": "../x", "name": "x.csv"}]}}
        assert dict(await modal.submit()) == {"file": "Pick one CSV file."}

        # Where the scope was never granted, Slack says so at once; the form still says what to do.
        scopes = tandem.slack.installation.app.scopes
        tandem.slack.installation.app.scopes = tuple(one for one in scopes if one != "files:read")
        seen = await give(tandem, GOOD)
        assert "This workspace does not let Tandem read files." in seen.text
        assert "files:read" in seen.text
        tandem.slack.installation.app.scopes = scopes
        opened = await seen.button("Import another file").click(by="mia")
        assert isinstance(opened, Modal)
        assert await tandem.program.db.read(stored) == []
        tandem.slack.refusals.clear()  # of the call without the scope


async def test_what_breaks_off_between_two_pieces_goes_on_there_and_nothing_comes_twice(migrated_url: str) -> None:
    rows = "".join(f"Lee {n},Corp {n},lee{n}@corp{n}.example,,,\n" for n in range(60))
    broken: list[str] = []

    def break_off(name: str) -> None:
        if name == "imports.piece" and len(broken) < 2:
            broken.append(name)
            raise ConnectionError("the process is gone")

    async with running(migrated_url) as tandem:
        seen = await give(tandem, HEADER + rows)
        with patch.object(crash, "hook", break_off), patch.object(import_jobs, "WORKED_SECONDS", 0.0001):
            await seen.button("Store 60 leads").click(by="mia")
            for _ in range(4):
                await tandem.later(minutes=10)
            await seen.changed(containing="Stored 60 new, 0 written on leads that there were, 0 known already.")
        assert len(broken) == 2
        names = [one.name for one in await tandem.program.db.read(stored)]
        assert names == [f"Lee {n}" for n in range(60)]


async def test_the_form_opens_from_the_list_of_sources_on_top_of_it(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        hub = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
        await hub.button("Open", near="Sources of leads").click(by="mia")
        await hub.button("Import a CSV").click(by="mia")
        top = tandem.slack.modal("mia")
        assert top is not None
        assert (top.title, len(tandem.slack.installation.views.stack(top.view.owner))) == ("Import leads", 2)
        await top.fill(name="fair").attach("file", "fair.csv", GOOD.encode()).submit()
        await top.changed(containing="is being looked at")
        await tandem.slack.dm("mia").message(containing="fair.csv holds 2 leads")


async def test_only_an_admin_of_the_workspace_decides_and_only_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        refused = await tandem.slack.channel("#general").command("/tandem import leads", by="ana")
        assert "Admins can do this." in refused.text
        seen = await give(tandem, GOOD)

        def decide(session: Session) -> tuple[int, str]:
            ana = session.scalars(select(Member).where(Member.name == "Ana Ruiz")).one()
            row = session.scalars(select(LeadImport)).one()
            mia = actor(session.get_one(Member, row.member_id))
            at = tandem.clock.now()
            for _ in range(2):
                store_file(session, row.id, by=mia, at=at)
            return len(session.scalars(select(Job).where(Job.kind == "lead_file_store")).all()), ana.role

        assert await tandem.program.db.run(decide) == (1, "rep")
        await seen.changed(containing="Stored 2 new")
        late = await give(tandem, GOOD, file="late.csv")
        await late.button("Throw away").click(by="mia")
        await late.changed(containing="was thrown away")


async def test_a_file_that_changed_or_went_since_is_not_stored(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        files = tandem.slack.workspace.files
        seen = await give(tandem, GOOD)
        next(one for one in files.values() if one.name == "fair.csv").content = MIXED.encode()
        await seen.button("Store 2 leads").click(by="mia")
        await seen.changed(containing="Nothing of fair.csv was stored. The file in Slack is not the one")
        gone = await give(tandem, GOOD, file="gone.csv")
        del files[next(one.id for one in files.values() if one.name == "gone.csv")]
        tandem.slack.refusals.clear()
        await gone.button("Store 2 leads").click(by="mia")
        await gone.changed(containing="Nothing of gone.csv was stored. The file is not in Slack any more.")
        assert await tandem.program.db.read(stored) == []
        tandem.slack.refusals.clear()  # of the look for the file that is gone


async def test_without_the_right_to_upload_the_first_bad_lines_stand_in_the_message(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.faults.next("files.getUploadURLExternal", Fault.refuse("missing_scope"))
        seen = await give(tandem, HEADER + "Lee,,,,,\n" + ",,,,words,\n" * 28)
        assert "lines 3, 4, 5, 6, 7 and 15 more: A lead needs something to know the person by" in seen.text
        assert "and 8 more. With the scope files:write, all of them would come as a file." in seen.text
        assert await tandem.program.db.read(jobs.open_jobs) == 0
