"""Links to records of a CRM, as people paste them, the leads behind them, and the job that shows these below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.writeback.crms import CRMS, RECORD
from storage import jobs
from storage.models import Job, Source, Wish

DOMAINS: Final = ("hubspot.com", "force.com", "salesforce.com")
"""Where records are looked at; each company has a part of it to itself."""

_HUBSPOT: Final = re.compile(r"/contacts/[0-9]{1,20}/(?:record/0-1|contact)/([0-9]{1,20})(?:/.*)?")
_SALESFORCE: Final = re.compile(r"/(?:lightning/r/)?(?:Lead/)?(00Q[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)(?:/.*)?")
_SALESFORCE_APP: Final = re.compile(r"/sObject/(00Q[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)(?:/.*)?")
"""What stands behind the `#` of an address of `/one/one.app`, as Lightning wrote them for years."""

_CHECK: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class RecordLink:
    """A link to a record. `crm`: the CRM's name; `records`: the ids by which it may be known, all of them its own."""

    url: str
    crm: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Linked:
    """An address, and the id of the lead that it leads to."""

    url: str
    lead: int


@dataclass(frozen=True)
class LeadUnfurl:
    """Where links were posted, by which Slack user, and to which leads they lead."""

    kind: ClassVar[str] = "lead_unfurl"

    channel: str
    ts: str
    user: str
    links: tuple[Linked, ...]


def read_link(url: str) -> RecordLink | None:
    """The record that the link leads to; None where it is to something else."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").casefold()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    if host.endswith(".hubspot.com") and (found := _HUBSPOT.fullmatch(parts.path)):
        return RecordLink(url, "HubSpot", (found[1],))
    if host.endswith((".force.com", ".salesforce.com")):
        in_app = _SALESFORCE_APP.fullmatch(parts.fragment) if parts.path == "/one/one.app" else None
        if found := in_app or _SALESFORCE.fullmatch(parts.path):
            return RecordLink(url, "Salesforce", (found[1][:15], _with_check(found[1][:15])))
    return None


def leads_behind(session: Session, workspace_id: int, links: Sequence[RecordLink]) -> dict[str, int]:
    """By the link's address: the lead that its record was last sent for, as far as there is one here."""
    wanted = {f"{RECORD}{record}" for one in links for record in one.records}
    if not wanted:
        return {}
    rows = session.execute(
        select(Wish.external_id, Wish.lead_id, Source.auth)
        .join(Source, (Source.workspace_id == Wish.workspace_id) & (Source.name == Wish.source))
        .where(Wish.workspace_id == workspace_id, Source.auth.in_(sorted(CRMS)), Wish.external_id.in_(sorted(wanted)))
        .order_by(Wish.at, Wish.id)
    )
    known = {(CRMS[row.auth].name, row.external_id): row.lead_id for row in rows}
    found = {}
    for link in links:
        leads = [known[key] for record in link.records if (key := (link.crm, f"{RECORD}{record}")) in known]
        if leads:
            found[link.url] = max(leads)
    return found


def show_links_anew(session: Session, workspace_id: int, lead_id: int, at: datetime) -> int:
    """Have what stands below links to the lead written anew, as far as it is remembered; below how many messages."""
    shown = select(Job.arguments).where(Job.workspace_id == workspace_id, Job.kind == LeadUnfurl.kind)
    anew: set[LeadUnfurl] = set()
    for stored in session.scalars(shown.where(Job.state == "done")):
        with suppress(jobs.Unreadable):  # a newer release has written it
            told = jobs.read_arguments(LeadUnfurl, stored)
            anew |= {told} if any(link.lead == lead_id for link in told.links) else set()
    for one in sorted(anew, key=lambda one: (one.channel, one.ts)):
        jobs.enqueue(session, workspace_id, one, at=at)
    return len(anew)


def _with_check(record: str) -> str:
    """The id of 15 characters as one of 18: the last three say which letters are capitals, for whoever ignores that.

    Source: https://help.salesforce.com, "Convert 15-Character IDs to 18-Character IDs".
    """
    parts = (record[start : start + 5] for start in (0, 5, 10))
    return record + "".join(
        _CHECK[sum(1 << place for place, sign in enumerate(part) if "A" <= sign <= "Z")] for part in parts
    )
