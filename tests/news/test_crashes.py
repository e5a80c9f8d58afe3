"""Killed at every point of finding readers and of writing to them, and started again: each letter stands once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import ensure_member
from domain.themes import answer_theme, find_theme
from domain.voc.items import log_line
from playground import Playground
from storage.crash import POINTS
from storage.database import Database
from storage.models import ThemeLetter, ThemeNews, Workspace
from tests.bot.test_crashes import Bot, _ended, _stands_once, arrange, each

JOB_POINTS = tuple(point for point in POINTS if point.startswith("jobs."))


@pytest.mark.parametrize("job", [1, 2], ids=["finding the readers", "writing to them"])
async def test_a_crash_while_news_is_told_neither_loses_nor_doubles_a_letter(job: int, tmp_path: Path) -> None:
    async def crash(slack: Playground, folder: Path, point: str) -> None:
        await _crash_at(slack, folder, f"{point}:{job}")

    await each(JOB_POINTS, tmp_path, crash)


@pytest.mark.parametrize("point", ["courier.before_send", "courier.sent", "courier.record.before_commit"])
async def test_a_crash_while_a_letter_is_sent_neither_loses_nor_doubles_it(point: str, tmp_path: Path) -> None:
    await each([point], tmp_path, _crash_at)


async def _crash_at(slack: Playground, folder: Path, point: str) -> None:
    bot = Bot(slack, folder)
    arrange(bot, slack)
    answered_long_ago(bot, slack)
    async with bot.process(point) as doomed:
        assert await _ended(doomed) == 137, f"{point} was not reached"
    async with bot.process():
        await slack.app_connected(40)
        await _stands_once(slack, "@ana", "#pricing has an approved answer")
    db = Database(bot.url)
    left = db.run_sync(
        lambda session: (len(session.scalars(select(ThemeLetter)).all()), session.scalars(select(ThemeNews)).all())
    )
    db.close()
    assert left == (1, [])


def answered_long_ago(bot: Bot, slack: Playground) -> None:
    """Ana raised a theme and mia answered it; it is time to tell."""
    db = Database(bot.url)
    then = datetime.now(UTC) - timedelta(hours=4)

    def write(session: Session) -> None:
        workspace = session.scalars(select(Workspace)).one()
        workspace.configured_at = then  # else the team would get its owner's working hours
        workspace_id = workspace.id
        ana, mia = (
            ensure_member(session, workspace_id, slack.member(name).id, name=name, at=then) for name in ("ana", "mia")
        )
        log_line(session, "too dear #pricing", by=ana, at=then)
        theme = find_theme(session, workspace_id, "pricing")
        assert theme is not None
        answer_theme(session, theme.id, text="Say: value.", by=mia, at=then)

    db.run_sync(write)
    db.close()
