"""Everything that is kept, and everything that stands in the playground, as text: to look for somebody in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from storage.base import Base
from tests.running import Running

STAYS: Mapping[str, str] = {
    "inbox_keys.key": "under which id a delivery was taken, for a week: else the delivery would be taken anew",
}
"""Columns in which an id of the person in another system may stand still, and why."""


def kept(session: Session, marks: Iterable[str]) -> list[str]:
    """Where one of the marks stands: `table.column: what`."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(*(cast(one, Text).label(one.name) for one in table.columns))):
            for name, value in row._mapping.items():
                text = unescaped(str(value or ""))
                found += [f"{table.name}.{name}: {text}" for mark in marks if mark.casefold() in text.casefold()]
    return found


def unescaped(text: str) -> str:
    """JSON as it is kept may have its letters escaped."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False) if text[:1] in ("{", "[", '"') else text
    except ValueError:
        return text


def standing(tandem: Running, marks: Iterable[str]) -> list[str]:
    """The messages and Homes of the app in which one of the marks stands."""
    found = []
    workspace = tandem.slack.workspace
    bots = {one.id for one in workspace.members.values() if one.is_bot}
    for channel in workspace.channels.values():
        for message in channel.log.everything():
            text = json.dumps([message.text, message.all_blocks, message.attachments, message.metadata])
            if message.author in bots:
                found += [f"{channel.name}: {text}" for one in marks if one.casefold() in unescaped(text).casefold()]
    for name in ("mia", "ana", "bo", "max"):
        home = tandem.slack.home(name).current
        text = home.text if home is not None else ""
        found += [f"Home of {name}: {text}" for one in marks if one.casefold() in text.casefold()]
    return found
