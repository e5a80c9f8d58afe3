"""A link to a lead in the CRM that somebody posts: below it stands what Tandem knows of the lead at that moment.

Where the message can be read outside the company nothing is shown. Nor while it is typed: where it will be posted, and
who will read it there, is not known then. Sources: https://docs.slack.dev/reference/events/link_shared and
https://docs.slack.dev/messaging/unfurling-links-in-messages
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.mrkdwn import date as moment
from domain.errors import Deactivated, NotAllowed, NotForGuests, NotOurs
from domain.leads.facts import LeadFacts, load_leads
from domain.leads.links import LeadUnfurl, Linked, RecordLink, leads_behind, read_link
from domain.people import EVERYONE, Actor
from handlers.answers import NOTHING, Answer, Block
from handlers.arrival import Arrival
from handlers.blocks import context, section
from handlers.failed_calls import error_name
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.leads.phrases import zone_time
from handlers.leads.views import headline, status_words
from handlers.listeners import Listeners
from handlers.voc.describing import look_at
from storage import jobs
from storage.models import WITH_MARKETING, Member

MOST_LINKS: Final = 5
LONGEST: Final = 2_000

LEFT: Final = (
    *(
        "cannot_find_message",
        "cannot_find_channel",
        "cannot_unfurl_url",
        "cannot_unfurl_message",
        "cannot_find_service",
    ),
    *("cannot_auth_user", "cannot_prompt", "no_permission", "access_denied", "missing_scope", "is_archived"),
    *("message_not_found", "channel_not_found", "not_in_channel"),
)
"""What Slack says of a message that is gone, or where Tandem may show nothing: nobody waits for it."""


def declare(listeners: Listeners) -> None:
    """Declare it on the subject's listeners."""
    listeners.event("link_shared", roles=EVERYONE)(on_link)


async def on_link(arrival: Arrival) -> Answer:
    """Most links lead to something else: they cost nothing."""
    event = arrival.body.get("event") or {}
    channel, ts, links = event.get("channel"), event.get("message_ts"), read_links(arrival.body)
    if not (links and isinstance(channel, str) and isinstance(ts, str)):
        return NOTHING
    with suppress(NotOurs, NotForGuests, NotAllowed, Deactivated):  # they posted a link, and asked for nothing
        await arrival.run(ask_for_unfurl, channel, ts, links)
    return NOTHING


def read_links(body: Mapping[str, Any]) -> list[RecordLink]:
    """The links to records of a posted message, the first few; none where others than the company read them."""
    event = body.get("event") or {}
    if body.get("is_ext_shared_channel") or event.get("source") == "composer":
        return []
    posted = event.get("links")
    urls = [one.get("url") for one in posted if isinstance(one, Mapping)] if isinstance(posted, list) else []
    found = [read_link(url) for url in urls if isinstance(url, str) and len(url) <= LONGEST]
    return [one for one in found if one is not None][:MOST_LINKS]


def ask_for_unfurl(
    session: Session, channel: str, ts: str, links: list[RecordLink], *, by: Actor, at: datetime
) -> None:
    """Have shown what is known of the leads behind the links, if there are any."""
    if found := leads_behind(session, by.workspace_id, links):
        jobs.enqueue(
            session,
            by.workspace_id,
            LeadUnfurl(channel, ts, by.user_id, tuple(Linked(*one) for one in found.items())),
            at=at,
        )


async def unfurl(job: RunningJob[LeadUnfurl], tools: Tools) -> bool:
    """Show the leads below their links, as they are now; whether Slack took it. Doing it again changes nothing."""
    told, at = job.arguments, tools.tandem.clock.now()
    await look_at(told.user, job.workspace_id, tools)
    leads = await tools.tandem.db.read(_load, job.workspace_id, told, at)
    shown = {one.url: {"blocks": unfurl_blocks(leads[one.lead])} for one in told.links if one.lead in leads}
    if not shown:
        return False
    try:
        await tools.client.chat_unfurl(channel=told.channel, ts=told.ts, unfurls=shown)
    except SlackApiError as error:
        if error_name(error) in LEFT:
            return False
        raise
    return True


def record_unfurl(_session: Session, _job: RunningJob[LeadUnfurl], _done: bool, _at: datetime) -> None:
    """Nothing is left to be done."""


def unfurl_blocks(lead: LeadFacts) -> list[Block]:
    """Who it is, whose it is and how long there is time: without any button, since it stays as it is."""
    waits = "It waits with marketing, since it does not meet the definition."
    dropped = "Marketing dropped it: it does not meet the definition."
    status = {"held": waits, "dropped": dropped}[lead.state] if lead.state in WITH_MARKETING else status_words(lead)
    seen = moment(lead.at, "{date_short_pretty} {time}", fallback=zone_time(lead.at, lead.at, lead.zone))
    return [headline(lead, asked=False), section(status), context(f"As of {seen}; its card shows how it is now.")]


def _load(session: Session, workspace_id: int, told: LeadUnfurl, at: datetime) -> dict[int, LeadFacts]:
    """The leads, for a member; guests, and people of other companies, are shown none."""
    member = select(Member.id).where(Member.workspace_id == workspace_id, Member.slack_user_id == told.user)
    if session.scalar(member.where(Member.active, Member.kind == "member")) is None:
        return {}
    return {lead.id: lead for lead in load_leads(session, sorted({one.lead for one in told.links}), workspace_id, at)}


kinds = (
    JobKind(
        LeadUnfurl,
        unfurl,
        record_unfurl,
        what="showing a lead below a link to it",
        remedy="Whoever wants to see the lead finds its card in the team’s channel.",
        tries=4,
    ),
)
