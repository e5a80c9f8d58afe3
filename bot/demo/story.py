"""The demo's own week: what happened on Monday and Tuesday morning, and what its people will do in the rest of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo import library, voices
from bot.demo.almanac import Almanac
from bot.demo.cast import VIEWER
from bot.demo.history import give_reply, import_figures
from bot.demo.prospects import Prospect, read_prospects
from bot.demo.stage import Happening, Stage
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.working import work_lead
from domain.people import Actor
from domain.voc.items import log_line
from storage.models import OPEN_LEAD_STATES, Lead, Member

Do = Callable[[Stage], Awaitable[None]]

DIGESTS_ARE_COMING: Final = (
    "From Monday on, 9 o’clock: Tandem tells sales what marketing made and changed, and marketing what customers told "
    "you. Keep logging what you hear with `/voc`, one line is enough."
)
OAKLINE: Final = (
    "Oakline’s plant manager, word for word: “I don’t want software, I want the trucks to stop being a surprise.”"
)

EVENINGS: Final = ((1, "16:40"), (2, "16:40"), (3, "16:40"), (4, "16:40"))
"""When everybody but the viewer clears what is still open."""


def talk_before(almanac: Almanac) -> list[Happening]:
    """What people wrote before the program starts on Monday at 8:58."""
    friday = {
        "14:32": (
            "marcus",
            "#sales",
            "Pacific Crest signed for Salinas. First deal I won with a spreadsheet of fines.",
        ),
        "14:41": ("carla", "#sales", "Lovely. Put the sheet where @theo finds it?"),
        "14:44": ("theo", "#sales", "Found it. That becomes the calculator’s example."),
        "15:20": ("ruth", "#general", DIGESTS_ARE_COMING),
        "15:26": ("ben", "#general", "One line I can do."),
        "16:05": ("sofia", "#marketing", "Sam got the rollout objection, Carmen the seasonal docks. Ready for Monday."),
    }
    monday = {
        "08:41": ("fiona", "#general", "Morning. Hull is queueing again, expect Brightwater to ring."),
        "08:44": ("priya", "#general", "On it."),
    }
    said = [(almanac.at(4, wall, weeks=1), *words) for wall, words in friday.items()]
    said += [(almanac.at(0, wall), *words) for wall, words in monday.items()]
    return [Happening(at, _says(*words)) for at, *words in said]


def week_so_far(almanac: Almanac) -> list[Happening]:
    """From Monday's digests to Tuesday at ten."""
    leads = read_prospects().story
    monday: dict[str, Do] = {
        "09:07": _says("fiona", "#sales", "Seasonal docks can be paused for free? Since when?", under="Content"),
        "09:09": _says("sofia", "#sales", "Since Friday. The calculator has a switch for it.", under="Content"),
        "09:20": _arrives(leads["monday_hot"]),
        "09:23": _claims(leads["monday_hot"]),
        "09:27": _contacts(leads["monday_hot"]),
        "09:52": _says("theo", "#marketing", "ECC three times in one week. I ask product for an answer we may give."),
        "11:30": _arrives(leads["monday_webinar"]),
        "12:18": _contacts(leads["monday_webinar"]),
        "14:10": _arrives(leads["monday_missed"]),
        "14:26": _reassigns(leads["monday_missed"], "fiona", "tomasz"),
        "14:33": _contacts(leads["monday_missed"]),
        "14:41": _says("ingrid", "#leads-emea", "Sorry, I sat in a call with Nordvik. Thanks @tomasz"),
        "15:10": _arrives(leads["monday_americas"]),
        "15:32": _claims(leads["monday_americas"]),
        "15:40": _arrives(leads["monday_junk"]),
        "15:58": _declines(leads["monday_junk"], "not_a_fit", "Sells SEO. Please block the domain on the form."),
        "16:20": _contacts(leads["monday_americas"]),
        "17:05": _says("priya", "#sales", OAKLINE),
        "23:25": _arrives(leads["monday_late"]),
    }
    tuesday: dict[str, Do] = {
        "08:30": _everything_read,
        "08:41": _arrives(leads["tuesday_half"]),
        "09:14": _says("tomasz", "#sales", "Does anybody have a site with rail and road on one ramp?"),
        "09:20": _arrives(leads["tuesday_claimed"]),
        "09:25": _arrives(leads["tuesday_partner"]),
        "09:31": _claims(leads["tuesday_claimed"]),
        "09:38": _arrives(leads["tuesday_overdue"]),
        "09:58": _arrives(leads["tuesday_fresh"]),
    }
    happenings = [Happening(almanac.at(0, wall), do) for wall, do in monday.items()]
    happenings += [Happening(almanac.at(1, wall), do) for wall, do in tuesday.items()]
    return [*happenings, *_voices(almanac, voices.THIS_WEEK)]


def week_ahead(almanac: Almanac) -> list[Happening]:
    """What the colleagues do in the rest of the week, while time is skipped, up to the next Monday's digests."""
    leads = read_prospects().story
    reply = library.REPLY_AHEAD
    later: list[tuple[int, str, Do]] = [
        (1, "10:52", _contacts(leads["tuesday_claimed"])),
        (1, "11:20", _contacts(leads["tuesday_partner"])),
        (1, "14:10", _contacts(leads["monday_late"])),
        (2, "10:30", _arrives(leads["ahead_warm"])),
        (2, "11:10", _contacts(leads["ahead_warm"])),
        (3, "15:00", _arrives(leads["ahead_americas"])),
        (3, "15:45", _contacts(leads["ahead_americas"])),
        (reply.day, reply.time, _replies(reply)),
        (7, "08:20", _imports_figures(almanac)),
        *((day, wall, _clears_the_desk) for day, wall in EVENINGS),
    ]
    return [*(Happening(almanac.at(day, wall), do) for day, wall, do in later), *_voices(almanac, voices.AHEAD)]


def _voices(almanac: Almanac, lines: tuple[voices.Said, ...]) -> Iterator[Happening]:
    for said in lines:
        yield Happening(almanac.at(said.day, said.time), _logs(said))


def _logs(said: voices.Said) -> Do:
    async def log(stage: Stage) -> None:
        await stage.act(said.by, log_line, said.line)

    return log


def _says(name: str, channel: str, words: str, *, under: str | None = None) -> Do:
    async def say(stage: Stage) -> None:
        stage.say(name, channel, words, under=under)

    return say


def _arrives(prospect: Prospect) -> Do:
    async def arrive(stage: Stage) -> None:
        await stage.let_arrive(prospect)

    return arrive


def _claims(prospect: Prospect) -> Do:
    return _works(prospect, claim_lead)


def _contacts(prospect: Prospect) -> Do:
    return _works(prospect, contact_lead)


def _declines(prospect: Prospect, reason: str, note: str) -> Do:
    return _works(prospect, decline_lead, reason=reason, note=note)


def _works(prospect: Prospect, step: Callable[..., Any], **more: Any) -> Do:
    """The lead's own rep takes a step with it, unless whoever plays the demo settled it already."""

    async def work(stage: Stage) -> None:
        lead = await stage.lead_of(prospect)
        if lead is not None and lead.state in OPEN_LEAD_STATES:
            name = await stage.program.db.read(_owner_of, lead.id)
            if name is not None:
                await stage.act(name, work_lead, step, lead.id, **more)

    return work


def _reassigns(prospect: Prospect, by: str, to: str) -> Do:
    async def reassign(stage: Stage) -> None:
        lead = await stage.lead_of(prospect)
        if lead is not None:
            await stage.act(by, reassign_lead, lead.id, to_user_id=stage.slack.member(to).id)

    return reassign


async def _clears_the_desk(stage: Stage) -> None:
    """Before they go home, reps contact the leads that they still have; the viewer's are the viewer's own."""
    viewer = stage.slack.member(VIEWER).id
    for lead_id, user_id in await stage.program.db.read(_open_leads):
        if user_id != viewer:
            await stage.act(user_id, work_lead, contact_lead, lead_id)


async def _everything_read(stage: Stage) -> None:
    """Everybody has read what there is so far, in every channel."""
    for channel in stage.slack.workspace.channels.values():
        said = channel.log.top_level()
        if said:
            channel.read |= dict.fromkeys(channel.members, said[-1].ts)


def _replies(reply: library.Reply) -> Do:
    async def answer(stage: Stage) -> None:
        def give(session: Session, *, by: Actor, at: datetime) -> None:
            give_reply(session, reply, by, at)

        await stage.act(reply.by, give)

    return answer


def _imports_figures(almanac: Almanac) -> Do:
    async def take_in(stage: Stage) -> None:
        def take(session: Session, *, by: Actor, at: datetime) -> None:
            import_figures(session, by.workspace_id, almanac, by, weeks=0, at=at)

        await stage.act("theo", take)

    return take_in


def _owner_of(session: Session, lead_id: int) -> str | None:
    """The Slack user id of the lead's rep."""
    return session.scalar(select(Member.slack_user_id).join(Lead, Lead.owner_id == Member.id).where(Lead.id == lead_id))


def _open_leads(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Lead.id, Member.slack_user_id)
        .join(Member, Member.id == Lead.owner_id)
        .where(Lead.state.in_(OPEN_LEAD_STATES))
        .order_by(Lead.id)
    )
    return [(lead_id, user_id) for lead_id, user_id in rows]
