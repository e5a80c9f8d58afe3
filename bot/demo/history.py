"""Five weeks in which Harbourline used Tandem, written through the same use cases that people's clicks reach.

It is written before the program runs; what those weeks would have said in Slack is taken out of the outbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.demo import library, voices
from bot.demo.almanac import Almanac
from bot.demo.prospects import PastLead, read_prospects
from domain.config.apply import Seal, apply_config
from domain.config.schema import parse_config
from domain.content import import_content
from domain.content_csv import parse_content_csv
from domain.issues import schedule_audience
from domain.leads.announce import note_event
from domain.leads.clocks import next_due
from domain.leads.declining import MARKETING, decline_lead
from domain.leads.disputes import accept_decline
from domain.leads.fields import checked_lead
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.leads.receiving import receive_lead
from domain.leads.rungs import apply_due_rungs
from domain.people import Actor, actor
from domain.personas import Draft, add_persona, edit_persona
from domain.theme_news import SpreadNews
from domain.themes import answer_theme, find_theme
from domain.voc.items import log_line
from domain.voc.work import own_theme, set_status
from storage.models import (
    Audience,
    Card,
    Clock,
    Decline,
    Delivery,
    Gathered,
    Job,
    Lane,
    Lead,
    Member,
    Persona,
    Team,
    TeamMember,
    Theme,
    ThemeNews,
)
from storage.outbox import settle_outbox

Step = tuple[datetime, Callable[[Session], None]]
By = Mapping[str, Actor]

FIRST_PERSONAS: Final = "14:00"


def set_up_company(
    session: Session, workspace_id: int, names: Mapping[str, str], almanac: Almanac, seal: Seal
) -> Mapping[str, str]:
    """Apply company.toml. `names`: ids by channel name and e-mail address. Returns the sources' secrets by name."""
    text = Path(__file__).with_name("company.toml").read_text(encoding="utf-8")
    at = almanac.at(0, "08:00", weeks=6)
    applied = apply_config(session, workspace_id, parse_config(text), by=None, at=at, names=names, seal=seal)
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == workspace_id)):
        schedule_audience(session, audience, almanac.at(0, "08:50"))
    return applied.secrets


def write_history(session: Session, workspace_id: int, almanac: Almanac, by_name: Mapping[str, str]) -> None:
    """All that happened before the demo's week, in order. `by_name`: Slack user ids by the names of cast.PEOPLE."""
    members = {one.slack_user_id: one for one in session.scalars(select(Member))}
    by = {name: actor(members[user_id]) for name, user_id in by_name.items()}
    steps = [
        *_voices(almanac, by),
        *_portraits(almanac, by),
        *_replies(almanac, by),
        *_work(almanac, by),
        *_leads(workspace_id, almanac, by),
    ]
    for at, step in sorted(steps, key=lambda each: each[0]):
        _apply_rungs(session, at)
        step(session)
    _apply_rungs(session, almanac.at(0, "08:00"))
    import_figures(session, workspace_id, almanac, by["theo"], weeks=1, at=almanac.at(0, "08:20"))
    _line_up(session, almanac, by)
    _forget_what_was_said(session)


def import_figures(
    session: Session, workspace_id: int, almanac: Almanac, by: Actor, *, weeks: int, at: datetime
) -> None:
    """Import the figures of all weeks up to the one that lies `weeks` before the demo's, as marketing would."""
    data = figures_csv(almanac, weeks=weeks)
    week = almanac.at(0, "09:00", weeks=weeks).date()
    import_content(
        session,
        workspace_id,
        parse_content_csv(data),
        filename=f"content-{week}.csv",
        sha256=hashlib.sha256(data).hexdigest(),
        skip_bad_rows=False,
        by=by,
        at=at,
    )


def figures_csv(almanac: Almanac, *, weeks: int) -> bytes:
    """The file that marketing exports."""
    lines = ["title,url,kind,persona,theme,week,views,leads,influenced_wins"]
    for piece in library.PIECES:
        described = ",".join(f'"{text}"' for text in (piece.title, piece.url, piece.kind, piece.persona, piece.theme))
        for back, figures in zip(reversed(range(len(piece.figures))), piece.figures, strict=True):
            if figures is not None and back >= weeks:
                week = almanac.at(0, "09:00", weeks=back).date()
                lines.append(f"{described},{week},{','.join(map(str, figures))}")
    return "\n".join(lines).encode()


def give_reply(session: Session, reply: library.Reply, by: Actor, at: datetime) -> None:
    """Set marketing's answer to a theme, if anybody ever logged it."""
    theme_id = session.scalar(select(Theme.id).where(Theme.workspace_id == by.workspace_id, Theme.slug == reply.theme))
    if theme_id is not None:
        answer_theme(session, theme_id, text=reply.words, audience=reply.audience, by=by, at=at)


def _voices(almanac: Almanac, by: By) -> Iterator[Step]:
    for said in voices.PAST:
        at = almanac.at(said.day, said.time, weeks=said.weeks)
        yield at, _logging(said.line, by[said.by], at)


def _logging(line: str, by: Actor, at: datetime) -> Callable[[Session], None]:
    def log(session: Session) -> None:
        log_line(session, line, by=by, at=at)

    return log


def _portraits(almanac: Almanac, by: By) -> Iterator[Step]:
    for number, portrait in enumerate(library.PORTRAITS):
        first = almanac.at(number, FIRST_PERSONAS, weeks=5)
        yield first, _portraying(portrait, by[portrait.by], first)
        if portrait.changed:
            later = almanac.at(3, f"16:{10 + 20 * number}", weeks=1)
            yield later, _changing(portrait, by[portrait.by], later)


def _portraying(portrait: library.Portrait, by: Actor, at: datetime) -> Callable[[Session], None]:
    def add(session: Session) -> None:
        add_persona(session, Draft(portrait.name, portrait.first), by=by, at=at)

    return add


def _changing(portrait: library.Portrait, by: Actor, at: datetime) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        persona_id = session.scalars(select(Persona.id).where(Persona.name == portrait.name)).one()
        fields = {**portrait.first, **portrait.changed}
        edit_persona(session, persona_id, Draft(portrait.name, fields, portrait.why), version=1, by=by, at=at)

    return change


def _replies(almanac: Almanac, by: By) -> Iterator[Step]:
    for reply in library.REPLIES:
        at = almanac.at(reply.day, reply.time, weeks=reply.weeks)
        yield at, _replying(reply, by[reply.by], at)


def _replying(reply: library.Reply, by: Actor, at: datetime) -> Callable[[Session], None]:
    return lambda session: give_reply(session, reply, by, at)


def _work(almanac: Almanac, by: By) -> Iterator[Step]:
    for work in library.WORK:
        at = almanac.at(work.day, work.time, weeks=work.weeks)
        yield at, _working(work, by[work.by], at)


def _working(work: library.Work, by: Actor, at: datetime) -> Callable[[Session], None]:
    def do(session: Session) -> None:
        theme = find_theme(session, by.workspace_id, work.theme)
        assert theme is not None, "somebody logged the theme before"
        if work.owned:
            own_theme(session, theme.id, by=by, at=at)
        set_status(session, theme.id, work.status, note=work.note, by=by, at=at)

    return do


def _leads(workspace_id: int, almanac: Almanac, by: By) -> Iterator[Step]:
    of_owner = {each.id: each for each in by.values()}
    for past in read_prospects().past:
        arrived = almanac.at(past.day, past.time, weeks=past.weeks)
        ids: list[int] = []
        yield arrived, _arriving(workspace_id, past, arrived, ids)
        claimed = arrived + timedelta(minutes=past.minutes) / 3
        if past.outcome != "declined" and past.minutes < 100:
            yield claimed, _claiming(ids, of_owner, claimed)
        settled = arrived + timedelta(minutes=past.minutes)
        yield settled, _settling(past, ids, of_owner, settled)
        if past.outcome == "declined":
            read = min(settled + timedelta(hours=2), almanac.at(4, "16:50", weeks=1))
            yield read, _accepting(ids, by["theo"], read)
        if past.outcome in ("won", "lost", "nurture"):
            ended = min(settled + timedelta(days=11), almanac.at(4, "16:50", weeks=1))
            yield ended, _ending(past.outcome, ids, ended)


def _arriving(workspace_id: int, past: PastLead, at: datetime, ids: list[int]) -> Callable[[Session], None]:
    def arrive(session: Session) -> None:
        who = past.who
        given = {"name": who.name, "company": who.company, "email": who.email, "phone": who.phone, "asked": who.asked}
        arriving = checked_lead(
            {**given, "tier": who.tier, "team": who.team},
            source=who.source,
            score=who.score,
            touches=[(touch, None) for touch in who.touches],
        )
        ids.append(receive_lead(session, workspace_id, arriving, at=at, by=None).lead_id)

    return arrive


def _claiming(ids: list[int], of_owner: Mapping[int, Actor], at: datetime) -> Callable[[Session], None]:
    return lambda session: claim_lead(session, ids[0], by=_owner(session, ids[0], of_owner), at=at)


def _accepting(ids: list[int], by: Actor, at: datetime) -> Callable[[Session], None]:
    """Marketing reads why its lead was declined, and agrees."""

    def accept(session: Session) -> None:
        decline = session.scalars(select(Decline.id).where(Decline.lead_id == ids[0], Decline.state == "open")).first()
        if decline is not None:
            accept_decline(session, decline, by=by, at=at)

    return accept


def _settling(past: PastLead, ids: list[int], of_owner: Mapping[int, Actor], at: datetime) -> Callable[[Session], None]:
    def settle(session: Session) -> None:
        owner = _owner(session, ids[0], of_owner)
        if past.outcome == "declined":
            decline_lead(session, ids[0], reason=past.reason, note=past.note, then=MARKETING, by=owner, at=at)
        else:
            contact_lead(session, ids[0], by=owner, at=at)

    return settle


def _ending(outcome: str, ids: list[int], at: datetime) -> Callable[[Session], None]:
    """What the CRM will tell one day: how it went on after the first contact."""

    def end(session: Session) -> None:
        lead = session.get_one(Lead, ids[0])
        lead.state, lead.updated_at = outcome, at
        note_event(session, lead, outcome, at=at, by=None)

    return end


def _owner(session: Session, lead_id: int, of_owner: Mapping[int, Actor]) -> Actor:
    owner_id = session.get_one(Lead, lead_id).owner_id
    assert owner_id is not None, "every team of the demo has reps"
    return of_owner[owner_id]


def _apply_rungs(session: Session, until: datetime) -> None:
    """Everything that clocks set off up to then, each at its own time."""
    while (due := next_due(session)) is not None and due <= until:
        apply_due_rungs(session, at=due)


def _line_up(session: Session, almanac: Almanac, by: By) -> None:
    """The turns of the EMEA team as Friday left them, so that the story's leads reach the same people every time."""
    team_id = session.scalars(select(Team.id).where(Team.key == "emea")).one()
    for minute, name in enumerate(("priya", "tomasz", "ingrid")):
        turn = session.get_one(TeamMember, (team_id, by[name].id))
        turn.last_given_at = almanac.at(4, f"17:0{minute}", weeks=1)


def _forget_what_was_said(session: Session) -> None:
    """Those weeks' messages are not posted now; the leads' cards are gone with them."""
    settle_outbox(session)
    session.execute(delete(Delivery))
    session.execute(delete(Gathered))
    session.execute(delete(Card))
    session.execute(update(Lane).values(due_at=None, gathers_card_id=None, gathers_since=None))
    session.execute(delete(ThemeNews))
    session.execute(delete(Job).where(Job.kind == SpreadNews.kind))
    assert session.scalar(select(Clock.id).where(Clock.state == "running")) is None, "all past leads are settled"
