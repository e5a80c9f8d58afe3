"""A week of work in the company of `tests.world`: what reps logged, how content did, who gets which digest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from digests.editions import publish_due_editions
from domain.accounts import find_or_add_account
from domain.issues import schedule_audience
from domain.themes import find_or_add_theme
from storage.models import Asset, AssetFigures, Audience, Edition, VocItem
from tests.world import World


class Week:
    """Shorthands for what fills a digest. The audiences have the channels C-SALES-NEWS and C-MARKETING-NEWS."""

    def __init__(self, world: World) -> None:
        self.world = world
        for kind in ("sales", "marketing"):
            self.set(kind, channel=f"C-{kind.upper()}-NEWS", zone="UTC")

    def audience(self, kind: str) -> Audience:
        """The audience of that kind as it stands."""
        found: Audience = self.world.run(
            lambda session: session.scalars(select(Audience).where(Audience.kind == kind)).one()
        )
        return found

    def set(self, kind: str, **values: Any) -> datetime | None:
        """Change an audience and schedule it; returns its next issue."""

        def change(session: Any) -> datetime | None:
            audience = session.scalars(select(Audience).where(Audience.kind == kind)).one()
            for name, value in values.items():
                setattr(audience, name, value)
            return schedule_audience(session, audience, self.world.now)

        found: datetime | None = self.world.run(change)
        return found

    def hear(
        self,
        words: str,
        theme: str | None = None,
        *,
        by: str = "ana",
        account: str | None = None,
        deal: int | None = None,
        currency: str = "USD",
        quote: str | None = None,
        kind: str = "objection",
        at: datetime | None = None,
        state: str = "live",
    ) -> None:
        """A rep logs something, now or `at`; `deal` is in whole units."""
        at = at or self.world.now
        actor = self.world.member(by)

        def log(session: Any) -> None:
            found = find_or_add_theme(session, actor.workspace_id, theme, at=at) if theme else None
            customer = find_or_add_account(session, actor.workspace_id, account, at=at) if account else None
            session.add(
                VocItem(
                    workspace_id=actor.workspace_id,
                    member_id=actor.id,
                    kind=kind,
                    line=words,
                    verbatim=words,
                    quote=quote,
                    theme_id=found.id if found else None,
                    account_id=customer.id if customer else None,
                    deal_minor=deal * 100 if deal is not None else None,
                    deal_currency=currency if deal is not None else None,
                    origin="command",
                    state=state,
                    created_at=at,
                    updated_at=at,
                )
            )

        self.world.run(log)

    def perform(self, title: str, week: date, views: int, leads: int, url: str | None = None) -> None:
        """An asset had these figures in a week."""

        def write(session: Any) -> None:
            asset = session.scalars(select(Asset).where(Asset.title == title)).one_or_none()
            if asset is None:
                workspace_id = self.world.workspace_id
                asset = Asset(workspace_id=workspace_id, slug=title, title=title, url=url, created_at=self.world.now)
                session.add(asset)
                session.flush()
            session.add(
                AssetFigures(
                    asset_id=asset.id,
                    week=week,
                    workspace_id=self.world.workspace_id,
                    views=views,
                    leads=leads,
                    influenced_wins=0,
                    updated_at=self.world.now,
                )
            )

        self.world.run(write)

    def publish(self) -> list[int]:
        """Make what is due now."""
        made: list[int] = self.world.run(publish_due_editions, at=self.world.now)
        return made

    def editions(self, kind: str | None = None) -> list[Edition]:
        """All editions, oldest first."""

        def read(session: Any) -> list[Edition]:
            query = select(Edition).join(Audience, Audience.id == Edition.audience_id).order_by(Edition.id)
            return list(session.scalars(query.where(Audience.kind == kind) if kind else query))

        found: list[Edition] = self.world.run(read)
        return found


@pytest.fixture
def week(world: World) -> Week:
    return Week(world)
