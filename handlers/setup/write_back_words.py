"""What is said of write-back: the line on a source's screen, the doctor's, and the message to admins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.text import shorten
from domain.writeback.settings import WriteBackSet, load_write_backs
from domain.writeback.writing import TROUBLE
from handlers.blocks import actions, button, date, escape, section
from handlers.messages import Messages, Rendering, Subject
from handlers.setup.finding import Finding
from handlers.words import counted
from handlers.words.writeback import REASONS, away_words
from storage.models import Source

messages = Messages()


def write_back_line(one: WriteBackSet | None) -> str:
    """For a source's screen, as mrkdwn."""
    if one is None or one.state == "off":
        return "Write-back is off: nothing is written into the CRM."
    name = one.crm.name
    worked = f"last written {date(one.worked_at)}" if one.worked_at is not None else "nothing was written yet"
    if one.state == "stopped":
        return f":warning: *Write-back stands still:* {trouble(one)} {worked[:1].upper()}{worked[1:]}."
    beside = f" :warning: {trouble(one)}" if one.trouble is not None else ""
    return f"Writes owner and status into {name}, {worked}.{beside}"


def trouble(one: WriteBackSet) -> str:
    """What stands in the way, and what to do, in sentences that begin with a capital."""
    name, code, what = one.crm.name, one.trouble or "", escape(shorten(one.trouble_with or "", 80))
    if code in REASONS:
        why, remedy = REASONS[code]
        waits = f" {counted(one.waiting, 'lead')} to be written then." if one.waiting else ""
        return f"{name}: {why}. {remedy}{waits}"
    if code == "gone":
        return f"{name} has no record {what} any more, or does not show it to us. Others are written as before."
    if code == "no_owner":
        return f"Nobody in {name} has the address {what}, so their leads have no owner there. Add them in {name}."
    since = f" since {date(one.trouble_at)}" if one.trouble_at is not None else ""
    return f"{name} takes nothing{since}: {away_words(code)}. It is tried again by itself."


def write_back_findings(session: Session, workspace_id: int) -> Iterator[Finding]:
    """The doctor's line of each source that writes back."""
    for one in load_write_backs(session, workspace_id):
        if one.state == "off":
            continue
        what = f"write-back of {one.source}"
        if one.trouble is not None:
            yield Finding(what, False, trouble(one), "Open `/tandem setup` → Sources → the source → Write back.")
        else:
            worked = f"last written {one.worked_at:%Y-%m-%d %H:%M} UTC" if one.worked_at else "nothing written yet"
            yield Finding(what, True, f"on, {worked}")


@messages.kind(TROUBLE)
def write_back_trouble(session: Session, subject: Subject) -> Rendering | None:
    """What happened and what to do; nothing once it was seen to."""
    found = _of(session, subject)
    if found is None or found.trouble != subject.data.get("why"):
        return None
    found = replace(found, trouble_with=subject.data.get("what"))  # of several addresses, the one that was told
    stands = "writes nothing any more" if found.state == "stopped" else "writes owners and statuses back"
    text = f"The source {escape(found.source)} {stands}. {trouble(found)}"
    go = button("Open the source", "setup.open:write_back", f"source:{found.source}")
    return Rendering(text, [section(f":warning: {text}"), actions(go, block_id="write_back_trouble")])


def _of(session: Session, subject: Subject) -> WriteBackSet | None:
    name = session.scalar(select(Source.name).where(Source.id == subject.id))
    return next((one for one in load_write_backs(session, subject.workspace_id) if one.source == name), None)
