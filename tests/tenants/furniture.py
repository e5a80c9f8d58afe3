"""Workspaces with something of everything, every text of which holds the workspace's own word.

Some names are the same in each of them: the theme `pricing`, the account Globex, the competitor Rivalsoft, the person
Lee Wong and her address. Whoever forgets to name the workspace finds the other one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.seal import Sealer
from digests.editions import publish_if_due
from domain.account_history import ENTRIES
from domain.calendar import WorkingHours
from domain.content import import_content
from domain.content_csv import parse_content_csv
from domain.folding import fold
from domain.leads.arriving import NewLead, Touch
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.leads.receiving import receive_lead
from domain.leads.rungs import apply_due_rungs
from domain.llm.answers import answer_key, remember_answers
from domain.llm.budget import reserve_tokens
from domain.people import Actor, Profile, actor, default_team, ensure_workspace, sync_members
from domain.personas import FIELDS, Draft, add_persona, edit_persona
from domain.proposals.asking import ask_marketing, find_maybes
from domain.proposals.deciding import PAGE as PROPOSALS_PAGE
from domain.proposals.labelling import record_labels
from domain.proposals.labels import Checked
from domain.rises import RISE_CARD
from domain.sources import add_source, pause_source
from domain.themes import answer_theme, find_or_add_theme
from domain.voc.drafts import Typed, keep_draft
from domain.voc.items import log_line
from domain.voc.merging import merge_rows, plan_merge
from domain.voc.splitting import PAGE
from domain.voc.verdicts import explain_verdict, give_verdict
from domain.voc.watching import Seen, announce_watch, note_shown, suggest
from domain.voc.wording import word_items
from domain.webhooks.endpoints import add_endpoint, pause_endpoint, send_test
from domain.webhooks.rounds import TROUBLE
from handlers.setup.doctor import Examination, doctor_card
from storage import outbox
from storage.jobs import enqueue
from storage.models import (
    IS_OPEN,
    Asset,
    Audience,
    CapturedMessage,
    Card,
    Delivery,
    Incident,
    KeptName,
    Lane,
    Lead,
    Member,
    Policy,
    RateBucket,
    Team,
    TeamMember,
    Theme,
    ThemeLetter,
    ThemeRise,
    ToldFigures,
    VocImport,
    WatchSuggestion,
    WebhookMessage,
    Workspace,
)
from storage.outbox import Priority
from storage.queue import read_queue
from tests.news.written import tell_at_once
from tests.running import KEY
from tests.tenants.buried import bury_a_job
from tests.tenants.given_back import STAGES, give_back_leads
from tests.tenants.given_files import give_files
from tests.tenants.heard import hear_sources
from tests.tenants.held import hold_leads_of, win_a_lead
from tests.tenants.questions import ask_in_tab
from tests.tenants.rules import add_team_with_rule
from tests.tenants.written import stop_write_back

MORE_SOURCES: Final = 19
"""So many that a list of settings needs a field to find the others."""

ROLES: Final = {"mia": "admin", "mona": "manager", "max": "marketer", "ana": "rep", "bo": "rep"}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace. `word` stands in all its texts, in those that are no names as `secret`, which nobody types.

    `users`: Slack's ids by first name; the channels by Slack's ids, too.
    """

    id: int
    team_id: str
    word: str
    users: Mapping[str, str]
    sales: str
    marketing: str

    @property
    def secret(self) -> str:
        return f"{self.word}-secret"


def settle(session: Session, team_id: str, word: str, at: datetime) -> Tenant:
    """A workspace with its people, and nothing else."""
    number = ensure_workspace(session, team_id, name=f"{word} inc", domain=word, bot_user_id=f"U{team_id}BOT", at=at)
    users = {name: f"U{team_id}{name}".upper() for name in ROLES}
    profiles = [
        Profile(users[name], f"{name} {word}", f"{name}@{word}.example", "UTC", name == "mia", False, True, False)
        for name in ROLES
    ]
    sync_members(session, number, profiles, at)
    for member in session.scalars(select(Member).where(Member.workspace_id == number)):
        member.role, member.role_origin = ROLES[member.name.partition(" ")[0]], "config"
    return Tenant(number, team_id, word, users, f"C{team_id}SALES", f"C{team_id}MARKETING")


def people(session: Session, tenant: Tenant) -> dict[str, Actor]:
    """Its members by first name, as they act."""
    rows = session.scalars(select(Member).where(Member.workspace_id == tenant.id))
    return {row.name.partition(" ")[0]: actor(row) for row in rows}


def furnish(session: Session, tenant: Tenant, at: datetime, *, times: int = 1) -> None:
    """Something of everything; of what people log and systems send, so many `times` as much."""
    _settings(session, tenant, at)
    for number in range(times):
        _voc(session, tenant, number, at)
        _leads(session, tenant, number, at)
    hold_leads_of(session, tenant.id, tenant.word, tenant.secret, people(session, tenant), at)
    win_a_lead(session, tenant.id, tenant.word, tenant.secret, people(session, tenant)["mia"], at)
    give_files(session, tenant.id, tenant.secret, people(session, tenant)["mia"], at)
    _captured(session, tenant, at)
    _drafts(session, tenant, at)
    _watched(session, tenant, at)
    _library(session, tenant, at)
    _model(session, tenant, at)
    _runs_by_itself(session, tenant, at)
    session.flush()


def _settings(session: Session, tenant: Tenant, at: datetime) -> None:
    word, staff = tenant.word, people(session, tenant)
    workspace = session.get_one(Workspace, tenant.id)
    workspace.configured_at, workspace.marketing_channel = at, tenant.marketing
    # Bare ids are taken, as the messages of older releases carry them.
    workspace.marked_since = at + timedelta(days=365)
    workspace.competitors = ["Rivalsoft", f"{word}soft"]
    team = default_team(session, tenant.id)
    team.name, team.channel, team.manager_id = f"{word} sales", tenant.sales, staff["mona"].id
    team.hours = WorkingHours.always().to_json()
    session.flush()
    for given in session.scalars(select(TeamMember).where(TeamMember.team_id == team.id)):
        if given.member_id not in (staff["ana"].id, staff["bo"].id):
            session.delete(given)
    second = Team(workspace_id=tenant.id, key=f"{word}-two", name=f"{word} second", created_at=at)
    add_team_with_rule(session, second, word)
    seal = Sealer(KEY).seal
    add_source(session, tenant.id, f"{word}-forms", seal=seal, by=staff["mia"], at=at)
    add_source(session, tenant.id, f"{word}-crm", auth="header", secret=f"a-shared-secret-of-{word}", seal=seal, at=at)
    add_source(session, tenant.id, f"{word}-away", seal=seal, by=staff["mia"], at=at)
    pause_source(session, tenant.id, f"{word}-away", paused=True, by=staff["mia"], at=at)
    for number in range(MORE_SOURCES):
        add_source(session, tenant.id, f"{word}-more-{number}", seal=seal, by=staff["mia"], at=at)
    _told_outside(session, tenant, at)
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == tenant.id)):
        audience.zone, audience.channel = "UTC", tenant.sales if audience.kind == "sales" else tenant.marketing
    session.flush()


def _told_outside(session: Session, tenant: Tenant, at: datetime) -> None:
    """Every change is sent to one system; another one is paused. Something could not be delivered, which was told."""
    word, seal = tenant.word, Sealer(KEY).seal
    one, _ = add_endpoint(session, tenant.id, f"https://{word}.example/hooks", ["lead", "voc"], seal=seal, at=at)
    other, _ = add_endpoint(session, tenant.id, f"https://other.{word}.example/", ["voc.theme"], seal=seal, at=at)
    pause_endpoint(session, tenant.id, other.id, paused=True, at=at)
    send_test(session, tenant.id, one.id, at=at)
    message = session.scalars(select(WebhookMessage).where(WebhookMessage.endpoint_id == one.id)).one()
    message.state, message.due_at, message.finished_at, message.error = "dead", None, at, "http_500"
    admin, told = tenant.users["mia"], {"why": "dead", "error": "http_500"}
    outbox.put_notice(session, tenant.id, TROUBLE, one.id, admin, at=at, priority=Priority.REMINDER, data=told)
    stop_write_back(session, tenant.id, f"{word}-hub", admin, at)


def _watched(session: Session, tenant: Tenant, at: datetime) -> None:
    """A channel is watched, which was told, and a message there was suggested."""
    ana = people(session, tenant)["ana"]
    session.get_one(Workspace, tenant.id).watched_channels = [tenant.sales]
    announce_watch(session, tenant.id, tenant.sales, by=ana, at=at)
    suggest(session, Seen(tenant.sales, "1.2", ""), f"{tenant.word}-sso", by=ana, at=at)
    row = session.scalars(select(WatchSuggestion).where(WatchSuggestion.workspace_id == tenant.id)).one()
    note_shown(session, tenant.id, row.id, f"{tenant.word}-sso", "ear", at=at)


def _drafts(session: Session, tenant: Tenant, at: datetime) -> None:
    """Everybody has begun a form and closed it."""
    for name, member in people(session, tenant).items():
        words = {"text": f"{tenant.secret} is what {name} began to type"}
        keep_draft(session, Typed(words, f"V{name}", "1.0"), by=member, at=at)


def _voc(session: Session, tenant: Tenant, number: int, at: datetime) -> None:
    word, secret, staff = tenant.word, tenant.secret, people(session, tenant)
    then = at - timedelta(hours=2, minutes=number)
    log_line(session, f"{secret} finds it dear next to Rivalsoft #pricing @Globex $40k", by=staff["ana"], at=then)
    log_line(session, f"{secret} wants SSO #{word}-sso @{word}corp next to {word}soft $7k", by=staff["bo"], at=then)
    log_line(session, f"{secret} loves the support #support-{number}", by=staff["ana"], at=then)
    log_line(session, f"{secret} wants it in blue", by=staff["mia"], at=then)
    if number == 0:
        for theme in session.scalars(select(Theme).where(Theme.workspace_id == tenant.id).order_by(Theme.id)).all()[:2]:
            answer_theme(session, theme.id, text=f"Say that {secret} is worth it.", by=staff["max"], at=then)
        _closing(session, tenant, then, at)
        _regroup(session, tenant, then)


def _captured(session: Session, tenant: Tenant, at: datetime) -> None:
    """A message became an item by a reaction, and a file of items was taken in."""
    ana = people(session, tenant)["ana"]
    item = log_line(session, f"{tenant.secret} was read in a channel", by=ana, at=at).item
    where = {"workspace_id": tenant.id, "channel": tenant.sales, "ts": "1.1", "thread_ts": None}
    row = CapturedMessage(**where, member_id=ana.id, item_id=item.id, state="logged", reacted_at=at)
    session.add(row)
    session.add(VocImport(workspace_id=tenant.id, sha256=tenant.secret, filename=tenant.secret, rows=1, at=at))
    session.flush()
    told = {"outcome": "logged", "captured": row.id, "name": "", "item": item.id}
    outbox.put_notice(session, tenant.id, "voc_reaction", row.id, ana.user_id, at=at, priority=Priority.CARD, data=told)


def _closing(session: Session, tenant: Tenant, then: datetime, at: datetime) -> None:
    """Those who raised themes were told of the answers; one of them was not helped. One more answer is not told yet."""
    secret, staff = tenant.secret, people(session, tenant)
    for name in ("mia", "mona"):
        log_line(session, f"{secret} is not convinced #pricing @Globex", by=staff[name], at=then)
    tell_at_once(session, tenant.id, then + timedelta(hours=1))
    letters = select(ThemeLetter).where(ThemeLetter.workspace_id == tenant.id, ThemeLetter.member_id == staff["ana"].id)
    letter = session.scalars(letters).one()
    give_verdict(session, letter.id, 0, "no_help", by=staff["ana"], at=at)
    explain_verdict(session, letter.id, 0, f"{secret} note", by=staff["ana"], at=at)
    theme = session.scalars(select(Theme).where(Theme.workspace_id == tenant.id, Theme.answer.is_(None))).first()
    assert theme is not None
    answer_theme(session, theme.id, text=f"Say {secret}.", by=staff["max"], at=at)


def _rising(session: Session, tenant: Tenant, at: datetime) -> None:
    """Marketing was alerted of a theme, and its message stands."""
    theme = session.scalars(select(Theme).where(Theme.workspace_id == tenant.id).order_by(Theme.id)).first()
    assert theme is not None
    told = {"told_at": at, "counted_at": at, "accounts": 3, "items": 4}
    session.merge(ThemeRise(theme_id=theme.id, workspace_id=tenant.id, **told))
    outbox.put_card(session, tenant.id, RISE_CARD, theme.id, tenant.marketing, at=at)


def _regroup(session: Session, tenant: Tenant, at: datetime) -> None:
    """A theme that was merged into `pricing`, which has more items than a page of a list; a name that was kept."""
    secret, staff = tenant.secret, people(session, tenant)
    for number in range(PAGE):
        log_line(session, f"{secret} finds it dear for the {number}th time #pricing", by=staff["bo"], at=at)
    log_line(session, f"{secret} finds it dear #priceing", by=staff["bo"], at=at)
    plan = plan_merge(session, "priceing", "pricing", by=staff["max"], at=at)
    session.add(KeptName(workspace_id=tenant.id, about="account", key=f"{tenant.word}corps", kept_at=at))
    ids, by = (int(plan.subject_key), int(plan.target_key)), staff["max"]
    merge_rows(session, "theme", *ids, staying="target", version=plan.version, by=by, at=at)


def _model(session: Session, tenant: Tenant, at: datetime) -> None:
    """A language model was asked: more proposals than a page holds, what it cost, what it said."""
    staff, then = people(session, tenant), at - timedelta(hours=3)
    labels = {}
    theme_id = find_or_add_theme(session, tenant.id, "pricing", at=then).id
    for number in range(PROPOSALS_PAGE + 2):
        item = log_line(session, f"{tenant.secret} speaks of item {number} once more", by=staff["bo"], at=then).item
        labels[item.id] = 1, Checked(theme_id, "objection", f"{tenant.secret} reason", 80)
    record_labels(session, tenant.id, labels, model="tiny", prompt="label-1", at=at)
    found = find_maybes(session, tenant.id, at=at)
    assert found
    ask_marketing(session, tenant.id, found, at=at)
    reserve_tokens(session, tenant.id, 900, limit=1_000, at=at)
    remember_answers(session, tenant.id, {answer_key(tenant.secret): {"reason": tenant.secret}}, at=at)


def _leads(session: Session, tenant: Tenant, number: int, at: datetime) -> None:
    word, secret, staff = tenant.word, tenant.secret, people(session, tenant)

    def arrive(name: str, hours: float, asked: str = "a demo", email: str | None = None) -> int:
        lead = NewLead(
            name=name,
            source=f"{word}-forms",
            email=email,
            company=f"{secret} company",
            asked=f"{asked} for {secret}",
            tier="hot",
            external_id=f"{name}-{asked}-{number}",
            touches=tuple(Touch(f"{secret} page {page}", None) for page in range(ENTRIES)),
            sent=f"all that {secret} sent",
        )
        then = at - timedelta(hours=hours)
        return receive_lead(session, tenant.id, lead, at=then, by=None).lead_id

    session.execute(update(Policy).where(Policy.workspace_id == tenant.id).values(tries=3, meeting_days=5))
    lee = arrive("Lee Wong", 3, email=f"lee{number}@wong.example")
    arrive("Lee Wong", 2.5, asked="a price", email=f"lee{number}@wong.example")
    claim_lead(session, lee, by=staff["bo"], at=at - timedelta(hours=2.4))
    contact_lead(session, arrive(f"{secret} contacted", 2), by=staff["ana"], at=at - timedelta(hours=1.9))
    give_back_leads(session, [arrive(f"{secret} {what}", 2) for what in STAGES], staff, secret, at)
    _ = [arrive(f"{secret} late {late}", 5) for late in range(11)]  # more than one message about several shows
    arrive(f"{secret} new", 0.01)


def _library(session: Session, tenant: Tenant, at: datetime) -> None:
    word, secret, staff = tenant.word, tenant.secret, people(session, tenant)
    for name in ("Buyer", f"{word} user"):
        saved = add_persona(session, Draft(name, dict.fromkeys(FIELDS, f"{secret} words")), by=staff["max"], at=at)
        later = Draft(name, dict.fromkeys(FIELDS, f"other {secret} words"), why=f"{secret} reasons")
        edit_persona(session, saved.card.id, later, version=saved.card.version, by=staff["max"], at=at)
    week = at.date() - timedelta(days=at.weekday() + 7)
    rows = [f"The story of pricing,{week},900,9,3", f"The {secret} story,{week},800,8,2"]
    data = "\n".join(["title,week,views,leads,influenced wins", *rows]).encode()
    file = parse_content_csv(data)
    import_content(
        session,
        tenant.id,
        file,
        filename=f"{secret}.csv",
        sha256="0" * 64,
        skip_bad_rows=False,
        by=staff["max"],
        at=at,
    )


def _runs_by_itself(session: Session, tenant: Tenant, at: datetime) -> None:
    word, secret, staff = tenant.word, tenant.secret, people(session, tenant)
    session.flush()
    apply_due_rungs(session, at=at)
    week = at.date() - timedelta(days=at.weekday() + 7)
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == tenant.id)):
        audience.next_at = at - timedelta(minutes=1)
        session.flush()
        publish_if_due(session, audience.id, at=at)
        asset = session.scalars(select(Asset).where(Asset.workspace_id == tenant.id)).first()
        assert asset is not None
        told = dict.fromkeys(("views", "leads", "influenced_wins"), True)
        session.merge(ToldFigures(audience_id=audience.id, asset_id=asset.id, week=week, **told))
    _jobs(session, tenant, at)
    hear_sources(session, tenant.id, tenant.team_id, word, secret, tenant.users["mia"], at)
    incident = Incident(workspace_id=tenant.id, what="rungs", count=3, began_at=at, found_at=at)
    session.add(incident)
    session.flush()
    outbox.put_card(session, tenant.id, "incident", incident.id, tenant.users["mia"], at=at)
    for name, member in staff.items():
        outbox.put_card(session, tenant.id, "home", member.id, tenant.users[name], at=at)
    _rising(session, tenant, at)
    session.add(RateBucket(workspace_id=tenant.id, method="chat.postMessage", full_at=at))
    while fold(session, tenant.id, at=at, limit=1000):
        pass
    word_items(session, tenant.id, limit=12)  # more than a page of them; the words of others wait
    outbox.settle_outbox(session)
    ask_in_tab(session, tenant.id, tenant.secret, people(session, tenant)["mia"], at)
    outbox.settle_outbox(session)
    _post(session, tenant, at)


def _jobs(session: Session, tenant: Tenant, at: datetime) -> None:
    bury_a_job(session, tenant.id, tenant.secret, at)
    enqueue(session, tenant.id, Examination(tenant.users["mia"]), at=at, not_before=at + timedelta(days=300))


def _post(session: Session, tenant: Tenant, at: datetime) -> None:
    """Half of what is to be said stands in Slack, the other half waits; one message failed."""
    cards = session.scalars(select(Card).where(Card.workspace_id == tenant.id).order_by(Card.id)).all()
    for number, card in enumerate(cards[::2]):
        card.channel, card.ts, card.state = card.place, f"{int(at.timestamp())}.{number:06}", "standing"
    # Of an open lead, whose card stands nowhere: it can be sent again.
    about = (
        select(Delivery)
        .join(Card, Card.id == Delivery.card_id)
        .join(Lead, Lead.id == Delivery.subject_id)
        .where(Delivery.workspace_id == tenant.id, Delivery.kind == "lead_card", Card.ts.is_(None), IS_OPEN)
    )
    failed = session.scalars(about.order_by(Delivery.id.desc()).limit(1)).one()
    failed.state, failed.error, failed.finished_at = "failed", "not_in_channel", at
    lane, admin = session.get_one(Lane, failed.lane_id), tenant.users["mia"]
    told = {"place": lane.place, "error": "not_in_channel", "kind": failed.kind}
    outbox.put_notice(
        session, tenant.id, "delivery_failed", failed.id, admin, at=at, priority=Priority.REMINDER, data=told
    )
    looked = doctor_card([], read_queue(session, tenant.id, at), at)
    report = {"text": looked.text, "blocks": list(looked.blocks)}
    outbox.put_notice(session, tenant.id, "doctor_report", 0, admin, at=at, priority=Priority.REMINDER, data=report)
    outbox.settle_outbox(session)
