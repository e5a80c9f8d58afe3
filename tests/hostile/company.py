"""Two companies in one database: ours, which the program serves, and another one whose every word carries a mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.seal import Sealer
from digests.editions import publish_if_due
from domain.account_history import ENTRIES
from domain.calendar import WorkingHours
from domain.folding import fold
from domain.issues import schedule_audience
from domain.leads.arriving import NewLead, Touch
from domain.leads.receiving import receive_lead
from domain.people import Actor, Profile, actor, default_team, ensure_workspace, sync_members
from domain.personas import FIELDS, Draft, add_persona
from domain.proposals.asking import LEFT_TO_REP, ask_marketing, find_maybes
from domain.proposals.labelling import record_labels
from domain.proposals.labels import Checked
from domain.source_fields import load_fields, save_fields
from domain.sources import add_source, pause_source, rotate_source
from domain.themes import answer_theme
from domain.voc.drafts import Typed, keep_draft
from domain.voc.items import log_line
from domain.voc.merging import merge_rows, plan_merge
from domain.voc.splitting import PAGE
from domain.voc.wording import word_items
from domain.webhooks.addresses import read_networks
from domain.webhooks.endpoints import add_endpoint, pause_endpoint, send_test
from domain.webhooks.rounds import TROUBLE
from handlers.leads.storms import SHOWN
from handlers.setup.profiles import profile_of
from playground import Playground
from storage import outbox
from storage.models import (
    Asset,
    AssetFigures,
    Audience,
    Clock,
    Lead,
    Member,
    Policy,
    Team,
    TeamMember,
    Theme,
    ThemeRise,
    WebhookMessage,
    Workspace,
)
from storage.outbox import Priority
from tests.news.written import tell_at_once
from tests.running import KEY
from tests.tenants.buried import bury_a_job
from tests.tenants.given_back import STAGES, give_back_leads
from tests.tenants.given_files import give_files
from tests.tenants.held import hold_leads_of
from tests.tenants.questions import ask_in_tab
from tests.tenants.rules import add_rule
from tests.tenants.written import stop_write_back

MARK = "quagmire"
"""Stands in every text of the other company, and in no request."""

NETWORKS = "127.0.0.1"
"""To which webhooks may go, though it is no public address: nobody has to look up a name."""

ELSEWHERE = "T0ELSEWHERE"
ROLES = {"mia": "admin", "mona": "manager", "max": "marketer", "ana": "rep", "bo": "rep"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A system that posts leads: its name in the address, how it proves itself, and its secret."""

    name: str
    auth: str
    secret: str


@dataclass(frozen=True, slots=True)
class Company:
    """What a driver must know. `users`: Slack's ids by name; `workspace_id`, `elsewhere_id`: rows of the two."""

    workspace_id: int
    elsewhere_id: int
    users: dict[str, str]
    senders: tuple[Sender, ...]


def people(slack: Playground) -> None:
    """Everybody of ours: mia (admin), mona (manager), max (marketer), ana and bo (reps), gus (guest), dora (gone)."""
    slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True, tz="Europe/Berlin")
    for name in ("mona", "max", "ana", "bo"):
        slack.add_member(name, tz="Europe/Madrid")
    slack.add_member("gus", is_guest=True)
    slack.add_member("dora", deleted=True)
    for channel in ("#leads", "#marketing", "#general"):
        slack.add_channel(channel, app=channel != "#general")


def found(session: Session, slack: Playground, at: datetime) -> Company:
    """Set both companies up in a migrated, empty database; their rows lie between each other."""
    ours = ensure_workspace(session, slack.workspace.team_id, name="Northwind", at=at)
    theirs = ensure_workspace(session, ELSEWHERE, name=f"{MARK} inc", at=at)
    team_id = slack.workspace.team_id
    profiles = [profile_of(one.as_user(team_id, with_email=True), team_id) for one in slack.workspace.members.values()]
    sync_members(session, ours, profiles, at)
    sync_members(session, theirs, [_stranger(name) for name in ("mia", "ana", "bo")], at)
    users = {one.name: one.id for one in slack.workspace.members.values()}
    members = {one.slack_user_id: one for one in session.scalars(select(Member).where(Member.workspace_id == ours))}
    for name, role in ROLES.items():
        members[users[name]].role, members[users[name]].role_origin = role, "config"
    _arrange(session, ours, slack.channel("#leads").id, slack.channel("#marketing").id, members[users["mona"]], at)
    for name in ("mia", "mona", "max", "gus", "dora"):
        member = members.get(users[name])
        given = session.get(TeamMember, (default_team(session, ours).id, member.id)) if member else None
        if given is not None:
            session.delete(given)
    boss = session.scalars(select(Member).where(Member.workspace_id == theirs).order_by(Member.id)).first()
    assert boss is not None
    _arrange(session, theirs, f"C0{MARK.upper()}", f"C1{MARK.upper()}", boss, at)
    default_team(session, theirs).name = f"{MARK} sales"
    for round_ in range(4):
        _fill(session, ours, members[users["mia"]], "northwind", round_, at)
        _fill(session, theirs, boss, MARK, round_, at)
    for workspace_id in (ours, theirs):
        ask_marketing(session, workspace_id, find_maybes(session, workspace_id, at=at) or (), at=at)
    _digest(session, theirs, at)
    # The worker does that for every company, by and by. Now it has nothing to do, so from here on all their rows must
    # stay as they are.
    count_what_waits(session, theirs, at)
    # One of ours is breached at once: its manager gets the buttons that only managers have.
    clock = session.scalars(
        select(Clock).join(Lead, Lead.id == Clock.lead_id).where(Lead.workspace_id == ours).order_by(Clock.id.desc())
    ).first()
    assert clock is not None
    clock.started_at, clock.next_at, clock.due_at = (at - timedelta(hours=hours) for hours in (3, 2, 1))
    clock.rung = "breach"
    _storm(session, ours, at)
    staff = {name: actor(members[users[name]]) for name in ROLES}
    given_back = [_small_lead(session, ours, f"northwind back {number}", at) for number in range(len(STAGES))]
    give_back_leads(session, given_back, staff, "northwind", at)
    hold_leads_of(session, ours, "northwind", "northwind", staff, at)
    give_files(session, ours, "northwind", staff["mia"], at)
    ask_in_tab(session, ours, "northwind", staff["max"], at)
    bury_a_job(session, ours, "northwind", at)
    seal = Sealer(KEY).seal
    senders = [
        Sender("website", "standard_webhooks", add_source(session, ours, "website", seal=seal, at=at)),
        Sender("crm", "header", "a-shared-secret-for-tests-only"),
        Sender("asleep", "standard_webhooks", add_source(session, ours, "asleep", seal=seal, at=at)),
    ]
    add_source(session, ours, "crm", auth="header", secret=senders[1].secret, seal=seal, at=at)
    pause_source(session, ours, "asleep", paused=True, at=at)
    shops = [f"shop-{number}" for number in range(20)]  # so that setup shows its menu for long lists
    for name in shops:
        add_source(session, ours, name, seal=seal, at=at)
    # One of them is looked at: each has all that a source can have. What proved itself by the old secret still does.
    for name in (*(one.name for one in senders), *shops):
        version = load_fields(session, name, by=staff["mia"], at=at).version
        save_fields(session, name, {}, "Tier: 3 = hot", version, by=staff["mia"], at=at)
        rotate_source(session, ours, name, seal=seal, by=staff["mia"], at=at)
    add_source(session, theirs, f"{MARK}-forms", seal=seal, at=at)
    endpoint_id = _webhooks(session, ours, "northwind", at)
    told = {"why": "dead", "error": "http_500"}
    outbox.put_notice(session, ours, TROUBLE, endpoint_id, users["mia"], at=at, priority=Priority.REMINDER, data=told)
    _webhooks(session, theirs, MARK, at)
    stop_write_back(session, ours, "hub", users["mia"], at)
    add_rule(session, default_team(session, ours), "northwind")
    return Company(ours, theirs, users, tuple(senders))


def _storm(session: Session, workspace_id: int, at: datetime) -> None:
    """More leads whose time is over than one message shows."""
    late = [_small_lead(session, workspace_id, f"northwind late {number}", at) for number in range(SHOWN + 1)]
    for clock in session.scalars(select(Clock).where(Clock.lead_id.in_(late))):
        clock.started_at, clock.next_at, clock.due_at = (at - timedelta(hours=hours) for hours in (3, 2, 1))
        clock.rung = "breach"


def _small_lead(session: Session, workspace_id: int, name: str, at: datetime) -> int:
    lead = NewLead(name=name, source="northwind-forms", company="northwind 0", tier="cool")
    return receive_lead(session, workspace_id, lead, at=at - timedelta(hours=4), by=None).lead_id


def _webhooks(session: Session, workspace_id: int, word: str, at: datetime) -> int:
    """Every change goes to an address where nobody listens, to which something could not be delivered; another address
    is paused. The id of the first.
    """
    made = [
        add_endpoint(
            session,
            workspace_id,
            f"http://127.0.0.1:9/{word}/{which}",
            ["lead", "voc"],
            seal=Sealer(KEY).seal,
            networks=read_networks(NETWORKS),
            at=at,
        )[0].id
        for which in ("first", "second")
    ]
    pause_endpoint(session, workspace_id, made[1], paused=True, at=at)
    send_test(session, workspace_id, made[0], at=at)
    message = session.scalars(select(WebhookMessage).where(WebhookMessage.endpoint_id == made[0])).one()
    message.state, message.due_at, message.finished_at, message.error = "dead", None, at, "http_500"
    session.flush()
    return made[0]


def _stranger(name: str) -> Profile:
    return Profile(
        f"U0ELSE{name.upper()}",
        f"{MARK} {name}",
        f"{name}@{MARK}.example",
        "Europe/Paris",
        name == "mia",
        False,
        active=True,
        is_bot=False,
    )


def _arrange(session: Session, workspace_id: int, sales: str, marketing: str, manager: Member, at: datetime) -> None:
    workspace = session.get_one(Workspace, workspace_id)
    workspace.configured_at, workspace.marketing_channel = at, marketing
    # Much of what strangers send is guessed and carries bare ids, as the messages of older releases do.
    workspace.marked_since = at + timedelta(days=365)
    workspace.competitors = ["Rivalsoft"] if workspace.slack_team_id != ELSEWHERE else [f"{MARK}soft"]
    team = default_team(session, workspace_id)
    team.channel, team.manager_id, team.hours = sales, manager.id, WorkingHours.always().to_json()
    session.execute(update(Policy).where(Policy.workspace_id == workspace_id).values(tries=3, meeting_days=5))
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == workspace_id)):
        audience.zone, audience.channel = "UTC", sales if audience.kind == "sales" else marketing
        schedule_audience(session, audience, at)


def _fill(session: Session, workspace_id: int, boss: Member, word: str, number: int, at: datetime) -> None:
    """Something of everything, named with `word`."""
    by = actor(boss)
    log_line(session, f"too dear next to {word}soft #{word}-price-{number} @{word} {number} $40k", by=by, at=at)
    theme = session.scalars(select(Theme).where(Theme.workspace_id == workspace_id).order_by(Theme.id.desc())).first()
    assert theme is not None
    answer_theme(session, theme.id, text=f"Say {word} {number}.", by=by, at=at)
    if number == 0:
        # Somebody else answered, so that the one who raised the theme is told.
        theme.answered_by_id = None
        tell_at_once(session, workspace_id, at)
    add_persona(session, Draft(f"{word} buyer {number}", dict.fromkeys(FIELDS, f"{word} words")), by=by, at=at)
    lead = NewLead(
        name=f"{word} lead {number}",
        source=f"{word}-forms",
        company=f"{word} {number}",
        asked=f"a {word} " * (1 + 300 * number),
        tier="cool",
        touches=tuple(Touch(f"{word} page {page}", None) for page in range(ENTRIES)),
    )
    receive_lead(session, workspace_id, lead, at=at, by=None)
    asset = Asset(workspace_id=workspace_id, slug=f"{word}-{number}", title=f"The {word} story {number}", created_at=at)
    session.add(asset)
    session.flush()
    week = at.date() - timedelta(days=at.weekday() + 7)
    session.add(
        AssetFigures(
            asset_id=asset.id, week=week, workspace_id=workspace_id, views=10 + number, leads=number, updated_at=at
        )
    )
    _propose(session, workspace_id, boss, theme, word, at)
    if number == 0:
        _regroup(session, by, word, at)
        keep_draft(session, Typed({"text": f"{word} is what somebody began to type"}, "V0BEGUN", "1.0"), by=by, at=at)
        second = Team(workspace_id=workspace_id, key=f"{word}-two", name=f"{word} two", created_at=at)
        second.hours = WorkingHours.always().to_json()
        session.add(second)
    session.flush()


def _propose(session: Session, workspace_id: int, boss: Member, theme: Theme, word: str, at: datetime) -> None:
    """Items without a theme, for which a language model proposes one; more in all than a page holds."""
    by, then = actor(boss), at - 2 * LEFT_TO_REP
    items = [log_line(session, f"{word} speaks of item {times} once more", by=by, at=then).item for times in "345"]
    labels = {item.id: (1, Checked(theme.id, "objection", f"{word} reason", 80)) for item in items}
    record_labels(session, workspace_id, labels, model="tiny", prompt="label-1", at=at)


def _regroup(session: Session, by: Actor, word: str, at: datetime) -> None:
    """A theme that was merged into another, which has more items than a page of a list."""
    for number in range(PAGE):
        log_line(session, f"too dear for {word}, {number} times #{word}-price-0", by=by, at=at)
    log_line(session, f"too dear for {word} #{word}-price-old", by=by, at=at)
    plan = plan_merge(session, f"{word}-price-old", f"{word}-price-0", by=by, at=at)
    ids = int(plan.subject_key), int(plan.target_key)
    merge_rows(session, "theme", *ids, staying="target", version=plan.version, by=by, at=at)


def _digest(session: Session, workspace_id: int, at: datetime) -> None:
    """An edition that was made, so that its frozen facts lie there, too."""
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == workspace_id)):
        audience.next_at = at - timedelta(minutes=1)
        session.flush()
        publish_if_due(session, audience.id, at=at)


def monday_before(at: datetime) -> date:
    """The Monday on which the last complete week began."""
    return at.date() - timedelta(days=at.weekday() + 7)


def count_what_waits(session: Session, workspace_id: int, at: datetime) -> None:
    """Count what was logged, keep its words, and look at its themes, so that the worker has nothing to do by itself."""
    while fold(session, workspace_id, at=at, limit=100):
        pass
    while word_items(session, workspace_id, limit=100):
        pass
    session.execute(update(ThemeRise).where(ThemeRise.workspace_id == workspace_id).values(look_at=None))
