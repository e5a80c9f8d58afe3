"""The button Export: whoever may gets a file of what was searched for, in their DM, once."""

from __future__ import annotations

import csv
from typing import Any

from playground import Fault
from playground.records import File
from tests.progress import until
from tests.running import Running, running


async def logged(tandem: Running, *lines: str) -> None:
    for line in lines:
        await tandem.slack.channel("#general").command(f"/voc {line}", by="ana")


async def search(tandem: Running, typed: str, by: str) -> Any:
    return await tandem.slack.channel("#general").command(f"/voc search {typed}", by=by)


async def handed_over(tandem: Running) -> File:
    files = tandem.slack.workspace.files

    async def one() -> bool:
        return any(file.shared for file in files.values())

    await until(one, lambda: len(files), what="a file in a DM")
    (file,) = [one for one in files.values() if one.shared]
    return file


def rows_in(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(file.content.decode("utf-8-sig").splitlines()))


async def test_a_manager_gets_all_that_matches_as_a_file(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await logged(tandem, "=1+1 is too dear #pricing", "far too dear #pricing @Globex", "something else")
        found = await search(tandem, "dear #pricing", "mia")
        assert found.buttons == ["Export"]
        await found.button("Export").click(by="mia")
        file = await handed_over(tandem)
        assert [row["text"] for row in rows_in(file)] == ["far too dear", "'=1+1 is too dear"]
        assert file.shared == [tandem.slack.dm("mia").id]
        await tandem.slack.dm("mia").message(containing="Your search for “dear #pricing”: 2 items")


async def test_reps_are_offered_no_file(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await logged(tandem, "too dear #pricing")
        assert (await search(tandem, "dear", "bo")).buttons == []


async def test_where_files_may_not_be_uploaded_the_person_reads_what_to_do(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await logged(tandem, "too dear #pricing")
        found = await search(tandem, "dear", "mia")
        tandem.slack.faults.next("files.getUploadURLExternal", Fault.refuse("missing_scope"))
        await found.button("Export").click(by="mia")
        told = await tandem.slack.dm("mia").message(containing="There is no file of your search for dear")
        assert "files:write" in told.text


async def test_a_file_that_was_handed_over_before_a_lost_answer_comes_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await logged(tandem, "too dear #pricing")
        found = await search(tandem, "dear", "mia")
        tandem.slack.faults.next("files.completeUploadExternal", Fault.lost_reply())
        await found.button("Export").click(by="mia")
        await handed_over(tandem)
        for _ in range(3):
            await tandem.later(seconds=30)
        await tandem.idle()
        assert sum("Your search for" in one.text for one in tandem.slack.dm("mia").messages) == 1
