"""What the doctor looks at, for the command line and for `/tandem doctor`: each finding with its remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from domain.admin import unusable_zones
from domain.installations import ACCESS_REVOKED
from domain.lateness import GRACE, find_overdue
from domain.leads.waiting import count_waiting
from domain.llm.budget import LlmSet, load_use
from domain.refusals import load_refusals
from domain.text import shorten
from domain.wall import local_time
from domain.webhooks.addresses import Network
from handlers.declared import Listener
from handlers.failed_calls import error_name
from handlers.jobs import AnyKind
from handlers.messages import Renderer, Rendering
from handlers.scopes import lacking_optional, required_scopes
from handlers.setup.channels import channel_finding
from handlers.setup.finding import Finding, unchecked
from handlers.setup.incidents import REMEDY as LATE_REMEDY
from handlers.setup.incidents import so_many
from handlers.setup.model import asked_finding, model_finding
from handlers.setup.refusals import RECENT, refused_in_short
from handlers.setup.remedies import remedy
from handlers.setup.samples import check_cards, newest_cards
from handlers.setup.silences import heard_findings
from handlers.setup.source_checks import source_findings
from handlers.setup.webhook_checks import webhook_findings
from handlers.setup.write_back_words import write_back_findings
from handlers.words import span
from storage.jobs import read_jobs
from storage.migrate import is_current, schema_revision
from storage.models import Audience, Delivery, Installation, Member, Team, TeamMember, Workspace
from storage.outbox import Priority
from storage.queue import Queue, read_queue

SKEW_SECONDS: Final = 30.0
CHANNELS_AT_ONCE: Final = 8
ZONES_NAMED: Final = 5
NOTICED: Final = timedelta(minutes=1)  # a job that waits no longer than this is on its way
ANEW: Final = (
    "Take the bot token, xoxb-…, from api.slack.com/apps → your app → OAuth & Permissions, set SLACK_BOT_TOKEN, "
    "and restart."
)
AGAIN: Final = "Update the app from `./tandem manifest` and install it again."
UNREADABLE: Final = (
    "TANDEM_SECRET_KEY does not unseal the token. Put the key that it was sealed with behind the new one, after a "
    "comma, or have an admin install Tandem again at `PUBLIC_URL/slack/install`."
)

LATE: Final = {
    "rungs": "late clocks",
    "deliveries": "late messages",
    "leases": "a process that stands still",
    "editions": "late digests",
    "jobs": "late jobs",
}
WAITING: Final = {
    Priority.ALARM: ("breach ping", "breach pings"),
    Priority.LEAD: ("lead", "leads"),
    Priority.REMINDER: ("reminder", "reminders"),
    Priority.CARD: ("change of a card", "changes of cards"),
    Priority.HOME: ("Home", "Homes"),
    Priority.DIGEST: ("digest", "digests"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database tells: findings, what waits, and what Slack is to be asked: the channels with what they are
    for, and the newest card of each kind. `by_oauth`: Tandem was installed by clicking, in the workspace
    `team_id` alone or (None) in its organization.
    """

    findings: list[Finding]
    queue: Queue
    channels: Mapping[str, str]
    cards: Mapping[str, Rendering]
    by_oauth: bool = False
    team_id: str | None = None

    def link(self, public_url: str | None) -> str | None:
        """Where an admin installs Tandem again; None where whoever runs it made the app, and has to."""
        if not self.by_oauth or public_url is None:
            return None
        return f"{public_url.rstrip('/')}/slack/install{f'?team={self.team_id}' if self.team_id else ''}"


def check_schema(engine: Engine) -> Finding:
    """Whether the migrations have run. Raises what the database raises."""
    revision, current = schema_revision(engine), is_current(engine)
    return Finding("schema", current, f"revision {revision}", "" if current else "Run: ./tandem migrate")


def check_stored(
    session: Session,
    workspace_id: int,
    *,
    at: datetime,
    unseal: Callable[[str], str] | None,
    prefix: str,
    kinds: Mapping[str, AnyKind],
    renderers: Mapping[str, Renderer],
    llm: LlmSet | None = None,
    networks: Sequence[Network] = (),
) -> Stored:
    """Everything that can be told from the database at `at`. `unseal`: None without TANDEM_SECRET_KEY. `kinds`: of
    jobs, those that this release knows; `renderers`: of cards, by kind; `llm`: the language model that is set;
    `networks`: to which webhooks may go though they are not public."""
    queue = read_queue(session, workspace_id, at)
    findings = [
        _workspace(session, workspace_id),
        _queue(queue, at),
        *_lateness(session, workspace_id, at),
        _failed(session, workspace_id, at, prefix),
        *_jobs(session, workspace_id, at, kinds),
        model_finding(load_use(session, workspace_id, at=at), llm),
        asked_finding(session, workspace_id, at),
        *source_findings(session, workspace_id, unseal),
        *heard_findings(session, workspace_id, at),
        *webhook_findings(session, workspace_id, at, networks, unseal),
        *write_back_findings(session, workspace_id),
        _refused(session, workspace_id, at),
        _zones(session, workspace_id),
        _unowned(session, workspace_id),
        *_teams(session, workspace_id, prefix),
    ]
    cards = newest_cards(session, workspace_id, renderers, at=at, prefix=prefix)
    installation = session.scalars(
        select(Installation)
        .join(Workspace, Workspace.installation_id == Installation.id)
        .where(Workspace.id == workspace_id)
    ).one_or_none()
    team_id = installation.team_id if installation is not None else None
    return Stored(findings, queue, _channels(session, workspace_id), cards, installation is not None, team_id)


def waits(queue: Queue) -> list[str]:
    """What waits, a line for each kind, the most urgent first."""
    lines = []
    for one in queue.waits:
        word = WAITING[one.priority][0 if one.count == 1 else 1]
        lines.append(f"{one.count:,} {word}, the oldest for {span(one.oldest)}")
    return lines


def rests(queue: Queue, at: datetime) -> list[str]:
    """What Slack asked us not to call for a while."""
    return [f"{one.method} rests for {span(one.until - at)} more, since Slack asked for it" for one in queue.pauses]


def _workspace(session: Session, workspace_id: int) -> Finding:
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.state == "stopped":
        if workspace.stopped_reason == "token_unreadable":
            again = UNREADABLE
        elif workspace.stopped_reason == ACCESS_REVOKED:
            again = "An admin of its organization adds Tandem to it again, on Slack’s page; nothing is lost."
        elif workspace.installation_id is not None:
            again = "An admin of it opens `PUBLIC_URL/slack/install` and installs Tandem again; nothing is lost."
        else:
            again = f"{AGAIN} Tandem goes on within a minute, with a new token after a restart; nothing is lost."
        return Finding("workspace", False, f"stopped: {workspace.stopped_reason}", again)
    return Finding("workspace", True, workspace.name)


def _queue(queue: Queue, at: datetime) -> Finding:
    found = "; ".join([*waits(queue), *rests(queue, at)])
    return Finding("queue", True, found or "nothing waits")


def _lateness(session: Session, workspace_id: int, at: datetime) -> Iterator[Finding]:
    overdue = find_overdue(session, workspace_id, at)
    for one in overdue:
        found = f"{so_many(one.what, one.count)}, the first for {span(at - one.since)}"
        yield Finding(LATE[one.what], False, found, LATE_REMEDY[one.what])
    if not overdue:
        yield Finding("on time", True, "nothing is overdue")


def _failed(session: Session, workspace_id: int, at: datetime, prefix: str) -> Finding:
    rows = session.execute(
        select(Delivery.error, func.count())
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.state == "failed",
            Delivery.finished_at > at - timedelta(days=1),
        )
        .group_by(Delivery.error)
    ).all()
    words = ", ".join(f"{count} × {error}" for error, count in rows)
    # Without a place: the message to admins at the time named it.
    advice = " ".join(remedy(str(error), "", prefix) for error, _ in rows)
    return Finding("failed in 24 h", not rows, words or "none", advice)


def _jobs(session: Session, workspace_id: int, at: datetime, kinds: Mapping[str, AnyKind]) -> Iterator[Finding]:
    """Jobs that ended dead, jobs of another release that nobody here knows, and how much waits."""
    found = read_jobs(session, workspace_id, at)
    waiting = [f"{one.open:,} × {one.kind}, the oldest for {span(one.late)}" for one in found if one.late > NOTICED]
    dead = [one for one in found if one.dead]
    strange = [one for one in found if one.open and one.kind not in kinds and one.late > GRACE["jobs"]]
    for one in dead:
        again = "Press “Try again” in the message on it, or type `./tandem jobs replay` on the server."
        known = f"{kinds[one.kind].remedy} " if one.kind in kinds else ""
        yield Finding("failed jobs", False, f"{one.dead:,} × {one.kind}", known + again)
    for one in strange:
        advice = "This release does not know that kind of job: start a worker of the release that does."
        yield Finding("jobs nobody does", False, f"{one.open:,} × {one.kind}, for {span(one.late)}", advice)
    if not dead and not strange:
        yield Finding("jobs", True, "; ".join(waiting) or "nothing waits")


def _refused(session: Session, workspace_id: int, at: datetime) -> Finding:
    found, advice = refused_in_short(load_refusals(session, workspace_id, at - RECENT), at)
    return Finding("leads refused in 24 h", not found, found or "none", advice)


def _zones(session: Session, workspace_id: int) -> Finding:
    found = unusable_zones(session, workspace_id)
    named = [f"{shorten(one.whose, 40)} has “{shorten(one.zone, 40)}”, so {one.instead} is used" for one in found]
    named[ZONES_NAMED:] = [f"and {len(named) - ZONES_NAMED} more"] if len(named) > ZONES_NAMED else []
    advice = "People pick theirs in Slack (Preferences → Language & region), teams and digests have theirs in setup."
    return Finding("time zones", not found, "; ".join(named) or "all known", advice if found else "")


def _unowned(session: Session, workspace_id: int) -> Finding:
    """Leads that nobody has: whoever of the team is back first gets them."""
    found = [f"{count:,} of {shorten(name, 40)}" for name, count in count_waiting(session, workspace_id)]
    advice = "Nobody of the team is there. The first who is back, or joins the team in setup, gets these leads."
    return Finding("leads nobody has", not found, ", ".join(found) or "none", advice if found else "")


def _teams(session: Session, workspace_id: int, prefix: str) -> Iterator[Finding]:
    """Teams that leads go to though nobody takes them, nobody is told of a breach, or no channel shows them."""
    people = (
        select(func.count())
        .select_from(TeamMember)
        .join(Member, Member.id == TeamMember.member_id)
        .where(TeamMember.team_id == Team.id, Member.active.is_(True))
        .scalar_subquery()
    )
    manager = select(Member.active).where(Member.id == Team.manager_id).scalar_subquery()
    teams = session.execute(
        select(Team.name, people, manager, Team.channel)
        .where(Team.workspace_id == workspace_id, Team.archived_at.is_(None))
        .order_by(Team.id)
    ).all()
    lacking = False
    for name, count, managed, channel in teams:
        lacks = [
            *([] if count else ["nobody takes its leads"]),
            *([] if managed else ["it has no manager to tell when time runs out"]),
            *([] if channel else ["it has no channel: its leads show only in DMs"]),
        ]
        if lacks:
            lacking = True
            advice = f"Choose them in `/{prefix}tandem setup` → Teams."
            yield Finding(f"team {shorten(name, 40)}", False, "; ".join(lacks), advice)
    if not lacking:
        number = "1 team has" if len(teams) == 1 else f"{len(teams)} teams have"
        yield Finding("teams", True, f"{number} people, a manager and a channel")


def _channels(session: Session, workspace_id: int) -> dict[str, str]:
    """The channels that are set, and what for."""
    teams = session.scalars(
        select(Team).where(Team.workspace_id == workspace_id, Team.channel.is_not(None), Team.archived_at.is_(None))
    )
    digests = session.scalars(
        select(Audience).where(
            Audience.workspace_id == workspace_id, Audience.channel.is_not(None), Audience.paused.is_(False)
        )
    )
    named: dict[str, list[str]] = {}
    for team in teams:
        named.setdefault(str(team.channel), []).append(f"team {team.name}")
    for audience in digests:
        named.setdefault(str(audience.channel), []).append(f"digest {audience.key}")
    for channel in session.get_one(Workspace, workspace_id).watched_channels or ():
        named.setdefault(str(channel), []).append("suggestions")
    return {channel: ", ".join(purposes) for channel, purposes in named.items()}


async def check_slack(
    client: AsyncWebClient,
    stored: Stored | None,
    listeners: Iterable[Listener],
    *,
    prefix: str,
    public_url: str | None = None,
) -> list[Finding]:
    """Token, scopes (against the manifest's), this computer's clock against Slack's, each channel, and our cards.

    `stored`: None when the database told nothing. `public_url`: under which workspaces install Tandem by clicking.
    """
    link = stored.link(public_url) if stored is not None else None
    again = f"Install it again at {link}" if link else AGAIN
    before = local_time().timestamp()
    try:
        me = await client.auth_test()
    except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
        if isinstance(error, SlackApiError) and error.response.status_code < 429:
            found = Finding("token", False, error_name(error), again if link else ANEW)
        else:
            advice = "See status.slack.com, and the network."
            found = Finding("slack", False, f"not reached: {error_name(error)}", advice)
        return [found, *not_asked("Slack did not say who Tandem is")]
    headers = {str(name).lower(): str(value) for name, value in (me.headers or {}).items()}
    given = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",") if one.strip()}
    missing = ", ".join(sorted(required_scopes(listeners) - given)) if given else ""
    looked_at = [
        Finding("token", True, f"{me.get('team')}"),
        Finding("scopes", not missing, f"missing: {missing}" if missing else "all there", again if missing else ""),
        *_optional_scopes(given, link),
        *_skew(headers, before),
    ]
    turn = asyncio.Semaphore(CHANNELS_AT_ONCE)

    async def look(channel: str, purpose: str) -> Finding:
        async with turn:
            return await channel_finding(
                client, channel, purpose, prefix, may_join=not given or "channels:join" in given
            )

    if stored is None:
        return [*looked_at, unchecked("channels, cards", "the database did not tell of them")]
    looked_at += await asyncio.gather(*(look(*one) for one in stored.channels.items()))
    return [*looked_at, await check_cards(client, stored.cards)]


def not_asked(why: str) -> list[Finding]:
    """What only Slack can tell, when it cannot be asked."""
    return [unchecked("scopes, clock, channels, cards", why)]


def _optional_scopes(given: Collection[str], link: str | None) -> list[Finding]:
    """What is lost where a workspace left scopes out. That was its choice, so it is nothing to mend."""
    lost = [f"without {one.name}: {one.lost}" for one in lacking_optional(given)] if given else []
    grant = f"to grant them, install Tandem again{f' at {link}' if link else ''}"
    return [Finding("left out", True, one) for one in (*lost, grant)] if lost else []


def _skew(headers: Mapping[str, str], before: float) -> list[Finding]:
    """This computer's clock against Slack's: signatures are refused when they are minutes apart."""
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return []
    apart = abs(theirs - before)
    well = apart < SKEW_SECONDS
    return [Finding("clock", well, f"{apart:.0f} s from Slack’s", "" if well else "Set this computer’s time (NTP).")]
