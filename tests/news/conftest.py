"""Marketing at work on themes, and the jobs that tell of it, done at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.theme_news import LONGEST, QUIET, SpreadNews
from domain.themes import answer_theme, find_theme
from domain.voc.items import log_line
from domain.voc.letters import SHAPE, ToldTheme, find_due, write_letters
from domain.voc.news import status_changed
from domain.voc.spreading import find_raisers, spread_news
from storage.models import Asset, AssetFigures, Job, Member, Theme, ThemeLetter
from tests.world import World

ROUND = QUIET + timedelta(minutes=1)


def set_status(session: Session, slug: str, status: str, *, by: Actor, at: datetime, note: str | None = None) -> None:
    """What a marketer says of a theme."""
    theme = find_theme(session, by.workspace_id, slug)
    assert theme is not None
    before = theme.status
    theme.status, theme.status_note, theme.status_by_id, theme.status_at = status, note, by.id, at
    session.flush()
    status_changed(session, theme, before, by=by, at=at)


def add_asset(session: Session, workspace_id: int, theme_id: int, title: str, *, leads: int, at: datetime) -> None:
    """An asset about a theme, which brought so many leads last week."""
    url = f"https://example.com/{title.lower().replace(' ', '-')}"
    asset = Asset(workspace_id=workspace_id, slug=title, title=title, url=url, theme_id=theme_id, created_at=at)
    session.add(asset)
    session.flush()
    week = at.date() - timedelta(days=at.weekday() + 7)
    figures = {"views": 10, "leads": leads, "influenced_wins": 0, "updated_at": at}
    session.add(AssetFigures(asset_id=asset.id, week=week, workspace_id=workspace_id, **figures))


class Marketing:
    """Max answers and decides; reps log. `tell` lets time pass until marketing is quiet, and does what is due."""

    def __init__(self, world: World) -> None:
        self.world = world

    def log(self, line: str, by: str = "ana") -> int:
        world = self.world
        return world.run(log_line, line, by=world.member(by), at=world.later(minutes=1)).item.id

    def theme(self, slug: str) -> Theme:
        found = self.world.run(find_theme, self.world.workspace_id, slug)
        assert found is not None
        return found

    def answer(self, slug: str, text: str = "Say: value.", by: str = "max") -> None:
        world = self.world
        world.run(answer_theme, self.theme(slug).id, text=text, by=world.member(by), at=world.now)

    def status(self, slug: str, status: str, note: str | None = None, by: str = "max") -> None:
        self.world.run(set_status, slug, status, by=self.world.member(by), at=self.world.now, note=note)

    def asset(self, slug: str, title: str, leads: int = 3) -> None:
        world = self.world
        world.run(add_asset, world.workspace_id, self.theme(slug).id, title, leads=leads, at=world.now)

    def change(self, change: Callable[[Session], Any]) -> None:
        self.world.run(change)

    def tell(self, after: timedelta = ROUND) -> list[tuple[str, list[ToldTheme]]]:
        """The letters that are written once so much time has passed: to whom, and what each tells."""
        self.world.now += after
        before = len(self.letters())
        self.work()
        return self.letters()[before:]

    def work(self) -> None:
        """Do what is due of the jobs, as often as they ask for more."""
        at = self.world.now
        while (wanted := self.world.run(self._take, "theme_news", at)) is not None:
            piece = self.world.run(find_raisers, self.world.workspace_id, wanted, at=at)
            self.world.run(spread_news, self.world.workspace_id, piece, at=at)
        while self.world.run(self._take, "theme_letters", at) is not None:
            due = self.world.run(find_due, self.world.workspace_id, at=at)
            self.world.run(write_letters, self.world.workspace_id, due, at=at)

    def letters(self) -> list[tuple[str, list[ToldTheme]]]:
        def read(session: Session) -> list[tuple[str, list[ToldTheme]]]:
            rows = session.execute(
                select(Member.name, ThemeLetter.facts)
                .join(Member, Member.id == ThemeLetter.member_id)
                .order_by(ThemeLetter.id)
            )
            return [(name, list(SHAPE.read(facts).themes)) for name, facts in rows]

        return self.world.run(read)

    @staticmethod
    def _take(session: Session, kind: str, at: datetime) -> SpreadNews | None:
        job = session.scalars(
            select(Job).where(Job.kind == kind, Job.due_at <= at).order_by(Job.due_at, Job.id).limit(1)
        ).one_or_none()
        if job is None:
            return None
        job.state, job.due_at, job.finished_at = "done", None, at
        if kind != SpreadNews.kind:
            return SpreadNews()
        as_of = job.arguments.get("as_of")
        return SpreadNews(job.arguments["after"], datetime.fromisoformat(as_of) if as_of else None)


LONG = LONGEST + timedelta(minutes=1)


@pytest.fixture
def marketing(world: World) -> Marketing:
    return Marketing(world)
