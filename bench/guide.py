"""`/voc` as one writes it from the guides of Bolt and SQLAlchemy: what our own path is measured against.

`async`: AsyncApp with AsyncSession. `sync`: App with Session. Both ask the database the same questions as Tandem does,
read the line with Tandem's own parser and answer with its words; what differs is how the program around that is made.
Neither has roles, a cache, a table of listeners or statements that are made once. The answer waits for the commit.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import Engine, Select, create_engine, distinct, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.bare import serve
from domain.accounts import account_slug
from domain.money import Money
from domain.pulse import Pulse
from domain.quick_line import QuickLine, parse_quick_line
from domain.tallies import PULSE_DAYS
from domain.text import compare_key
from domain.voc.facts import VocFacts
from domain.voc.receipt import Echo, VocReceipt
from handlers.voc import views
from storage.engines import driver_url
from storage.models import Account, InboxKey, Member, Theme, VocItem, Workspace

WAIT_SECONDS = 30
Body = dict[str, Any]


# The questions, as one writes them where they are needed.


def who_is_it(body: Body) -> Select[Member, Workspace]:
    """The member who typed the line, with their workspace."""
    return (
        select(Member, Workspace)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Workspace.slack_team_id == body["team_id"], Member.slack_user_id == body["user_id"])
    )


def was_it_here(body: Body) -> Select[InboxKey]:
    """The answer that this very command got before, when Slack sends it again."""
    return select(InboxKey).where(InboxKey.origin == "slack", InboxKey.key == body["trigger_id"])


def known_accounts(workspace: Workspace, line: str) -> Select[Account]:
    """The account whose name begins the words behind the `@`."""
    slug = account_slug(line.partition("@")[2].partition(" ")[0])
    return select(Account).where(Account.workspace_id == workspace.id, Account.slug == slug)


def theme_called(workspace: Workspace, slug: str) -> Select[Theme]:
    return select(Theme).where(Theme.workspace_id == workspace.id, Theme.key == compare_key(slug))


def how_often(theme: Theme, at: datetime) -> tuple[Select[int, int, int], Select[int | None, str | None, int | None]]:
    """How often the theme came up of late, and the largest deal of each account that named one."""
    lately = (VocItem.theme_id == theme.id, VocItem.state == "live", VocItem.created_at > at - timedelta(PULSE_DAYS))
    counts = select(
        func.count(), func.count(distinct(VocItem.member_id)), func.count(distinct(VocItem.account_id))
    ).where(*lately)
    deals = (
        select(VocItem.account_id, VocItem.deal_currency, func.max(VocItem.deal_minor))
        .where(*lately, VocItem.deal_minor.is_not(None))
        .group_by(VocItem.account_id, VocItem.deal_currency)
    )
    return counts, deals


# What is stored, and what is answered.


def new_theme(workspace: Workspace, slug: str, at: datetime) -> Theme:
    words = slug.replace("-", " ")
    return Theme(workspace_id=workspace.id, slug=slug, key=compare_key(slug), title=words.capitalize(), created_at=at)


def new_account(workspace: Workspace, name: str, at: datetime) -> Account:
    return Account(workspace_id=workspace.id, name=name, slug=account_slug(name), keyed=True, created_at=at)


def new_item(member: Member, line: QuickLine, theme: Theme | None, account: Account | None, at: datetime) -> VocItem:
    deal = line.deal_size
    return VocItem(
        workspace_id=member.workspace_id,
        member_id=member.id,
        line=line.text,
        verbatim=line.verbatim,
        origin="command",
        kind=line.kind.value,
        quote=line.quote,
        competitor=line.competitor,
        theme_id=theme.id if theme else None,
        account_id=account.id if account else None,
        deal_minor=int(deal.amount * 100) if deal else None,
        deal_currency=deal.currency if deal else None,
        created_at=at,
        updated_at=at,
    )


def add_up(counts: Any, deals: Any) -> Pulse:
    sums: dict[str, int] = {}
    for _, currency, minor in deals:
        sums[currency] = sums.get(currency, 0) + minor
    items, reps, accounts = counts
    return Pulse(items, reps, accounts, tuple(Money(minor, currency) for currency, minor in sums.items()))


def answer_to(item: VocItem, member: Member, theme: Theme | None, account: Account | None, pulse: Pulse | None) -> Body:
    """The receipt, in Tandem's words."""
    facts = VocFacts(
        id=item.id,
        version=1,
        live=True,
        author=member.slack_user_id,
        kind=item.kind,
        verbatim=item.verbatim,
        quote=item.quote,
        theme=theme.slug if theme else None,
        theme_new=False,
        account=account.name if account else None,
        account_id=account.id if account else None,
        account_born=account.created_at if account else None,
        account_known=account is not None and account.known,
        account_new=False,
        competitor=item.competitor,
        deal=Money(item.deal_minor, item.deal_currency) if item.deal_minor and item.deal_currency else None,
        deal_typed=None,
        permalink=None,
        created_at=item.created_at,
    )
    echo = Echo("theme", theme.slug, pulse) if theme and pulse and not theme.answer else None
    receipt = views.receipt(VocReceipt(facts, theme.answer if theme else None, echo, None), "logged")
    return {"text": receipt.text, "blocks": receipt.blocks}


def understand(text: str, workspace: Workspace, accounts: list[Account]) -> QuickLine:
    return parse_quick_line(
        text,
        known_competitors=[str(one) for one in workspace.competitors],
        known_accounts=[account.name for account in accounts],
        colleagues=frozenset(),
        currency=workspace.currency,
    )


def log_line(session: Session, body: Body) -> Body:
    """The use case, with a Session."""
    at = datetime.now(UTC)
    member, workspace = session.execute(who_is_it(body)).one()
    before = session.scalar(was_it_here(body))
    if before is not None:
        return dict(before.answer or {})
    accounts = list(session.scalars(known_accounts(workspace, body["text"])))
    line = understand(body["text"], workspace, accounts)
    theme = session.scalar(theme_called(workspace, line.theme)) if line.theme else None
    if line.theme and theme is None:
        theme = new_theme(workspace, line.theme, at)
        session.add(theme)
    account = accounts[0] if accounts else None
    if line.account and account is None:
        account = new_account(workspace, line.account, at)
        session.add(account)
    session.flush()
    item = new_item(member, line, theme, account, at)
    session.add(item)
    session.flush()
    pulse = None
    if theme is not None:
        counts, deals = how_often(theme, at)
        pulse = add_up(session.execute(counts).one(), session.execute(deals))
    answer = answer_to(item, member, theme, account, pulse)
    session.add(InboxKey(origin="slack", key=body["trigger_id"], answer=answer, at=at))
    return answer


async def log_line_async(session: AsyncSession, body: Body) -> Body:
    """The same, with an AsyncSession."""
    at = datetime.now(UTC)
    member, workspace = (await session.execute(who_is_it(body))).one()
    before = await session.scalar(was_it_here(body))
    if before is not None:
        return dict(before.answer or {})
    accounts = list(await session.scalars(known_accounts(workspace, body["text"])))
    line = understand(body["text"], workspace, accounts)
    theme = await session.scalar(theme_called(workspace, line.theme)) if line.theme else None
    if line.theme and theme is None:
        theme = new_theme(workspace, line.theme, at)
        session.add(theme)
    account = accounts[0] if accounts else None
    if line.account and account is None:
        account = new_account(workspace, line.account, at)
        session.add(account)
    await session.flush()
    item = new_item(member, line, theme, account, at)
    session.add(item)
    await session.flush()
    pulse = None
    if theme is not None:
        counts, deals = how_often(theme, at)
        pulse = add_up((await session.execute(counts)).one(), await session.execute(deals))
    answer = answer_to(item, member, theme, account, pulse)
    session.add(InboxKey(origin="slack", key=body["trigger_id"], answer=answer, at=at))
    return answer


# The two programs.


def authorize(**_who: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1")


async def authorize_async(**who: Any) -> AuthorizeResult:
    return authorize(**who)


def sync_app(url: str) -> Starlette:
    """App and Session, behind Bolt's adapter for Starlette."""
    engine = create_engine(url, connect_args=_patience(url))
    _durable(engine)
    new_session = sessionmaker(engine, expire_on_commit=False)
    app = App(authorize=authorize, signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=True)

    @app.command("/voc")
    def voc(ack: Ack, body: Body) -> None:
        with new_session.begin() as session:
            answer = log_line(session, body)
        ack(**answer)

    handler = SlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def async_app(url: str) -> Starlette:
    """AsyncApp and AsyncSession, behind Bolt's adapter for Starlette."""
    address = url.replace("sqlite://", "sqlite+aiosqlite://", 1)
    engine = create_async_engine(address, connect_args=_patience(url))
    _durable(engine.sync_engine)
    new_session = async_sessionmaker(engine, expire_on_commit=False)
    app = AsyncApp(
        authorize=authorize_async, signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=True
    )

    @app.command("/voc")
    async def voc(ack: AsyncAck, body: Body) -> None:
        async with new_session.begin() as session:
            answer = await log_line_async(session, body)
        await ack(**answer)

    handler = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def _patience(url: str) -> Body:
    return {"timeout": WAIT_SECONDS} if url.startswith("sqlite") else {}


def _durable(engine: Engine) -> None:
    """SQLite as SQLAlchemy's page on it advises: a commit is on the disk, and a transaction begins as a writer's."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


if __name__ == "__main__":
    address = driver_url(os.environ["DATABASE_URL"]).render_as_string(hide_password=False)
    asyncio.run(serve((async_app if sys.argv[1] == "async" else sync_app)(address)))
