"""Who asked before, and whether they say the same again: the same person is not the same wish.

A delivery that says the same as one before is a resend. Anything else is a new wish or news, however the sender names
it and however long ago the first was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from domain.leads.addresses import mailbox_key
from storage.models import Wish
from storage.statements import Statement

RESEND: Final = timedelta(hours=1)
"""How long the same words of the same person, under another id or none, are taken for a resend.

After that the person has asked once more: a form says the same each time that it is filled in the same way.
"""

LEAST_DIGITS: Final = 7

JOINED: Final = "joined"
"""`said` of a wish that nobody made: a name that leads to a lead since it was joined with others (joining.py)."""

GONE: Final = "gone"
"""`said` of a wish that nobody made: the source took the record of that name back, and has the person under another."""

NOBODY_MADE: Final = (JOINED, GONE)

# Made once: these run for every lead that is posted.
_COLUMNS: Final = (Wish.id, Wish.lead_id, Wish.at, Wish.source, Wish.external_id, Wish.person, Wish.said, Wish.asked)
_HERE: Final = Wish.workspace_id == bindparam("workspace")
_BY_ID: Final = (
    select(func.max(Wish.id))
    .where(_HERE, tuple_(Wish.source, Wish.external_id).in_(bindparam("names", expanding=True)))
    .group_by(Wish.source, Wish.external_id)
)
_BY_PERSON: Final = (
    select(func.max(Wish.id)).where(_HERE, Wish.person.in_(bindparam("people", expanding=True))).group_by(Wish.person)
)
_SAID: Final = Statement(
    select(*_COLUMNS).where(_HERE, Wish.said.in_(bindparam("words", expanding=True))).order_by(Wish.id)
)
_LATEST: Final = Statement(select(*_COLUMNS).where(Wish.id.in_(_BY_ID.union_all(_BY_PERSON).scalar_subquery())))
_KEEP: Final = Statement(insert(Wish))
_LOCK: Final = Statement(
    text(
        "SELECT pg_advisory_xact_lock(key) "
        "FROM unnest(CAST(:keys AS bigint[])) WITH ORDINALITY AS one (key, n) ORDER BY n"
    )
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a delivery says of itself. `source` and `external_id` name it; `words` are the fingerprint of what it says.

    `person`: None where nothing says who it is.
    """

    source: str
    external_id: str | None
    person: str | None
    words: str | None

    @property
    def name(self) -> tuple[str, str] | None:
        return (self.source, self.external_id) if self.external_id is not None else None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of those who say something: the latest wish by name and by person, and who said the same before."""

    by_name: Mapping[tuple[str, str], Any]
    by_person: Mapping[str, Any]
    by_words: Mapping[str, Sequence[Any]]

    def resent(self, said: Said, at: datetime) -> int | None:
        """The lead that this very delivery was stored for before; None when it says something new."""
        for wish in self.by_words.get(said.words or "", ()):
            if said.external_id is not None and (wish.source, wish.external_id) == said.name:
                return int(wish.lead_id)
            unnamed = said.external_id is None and wish.external_id is None
            if at - wish.at < RESEND and (said.person is not None or (unnamed and wish.source == said.source)):
                return int(wish.lead_id)
        return None


def person_key(email: str | None, phone: str | None, name: str) -> str | None:
    """What names a person: their mailbox; else their phone number with their name, since a switchboard has many."""
    if email is not None:
        return mailbox_key(email)
    digits = "".join(char for char in phone or "" if char.isdecimal())
    if len(digits) < LEAST_DIGITS:
        return None
    return f"tel:{digits}:{' '.join(name.split()).casefold()}"


def fingerprint(said: Mapping[str, Any]) -> str:
    """The same for the same words: case, spaces and the order of the fields do not count."""
    plain = json.dumps(_plain(said), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()


def find_known(session: Session, workspace_id: int, asking: Iterable[Said], *, looking: bool = False) -> Known:
    """What is known of those who ask. On PostgreSQL others who store something of the same people wait for us.

    `looking`: nothing is to be stored, so nobody waits.
    """
    said = list(asking)
    people = sorted({one.person for one in said if one.person is not None})
    words = sorted({one.words for one in said if one.words is not None})
    names = sorted({one.name for one in said if one.name is not None})
    if not people and not words and not names:
        return Known({}, {}, {})
    if not looking:
        _take_turns(session, workspace_id, [*people, *(() if people else words)])
    asked = {"workspace": workspace_id, "people": people, "names": names, "words": words}
    by_name: dict[tuple[str, str], Any] = {}
    by_person: dict[str, Any] = {}
    by_words: dict[str, list[Any]] = {}
    for wish in _LATEST.all(session, asked) if people or names else ():
        if wish.external_id is not None:
            _later(by_name, (wish.source, wish.external_id), wish)
        if wish.person is not None:
            _later(by_person, wish.person, wish)
    for wish in _SAID.all(session, asked) if words else ():
        by_words.setdefault(wish.said, []).append(wish)
    return Known(by_name, by_person, by_words)


def keep_wishes(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what was asked, a row for each time."""
    if rows:
        _KEEP.run_many(session, rows)


def wish_row(
    workspace_id: int, lead_id: int, said: Said, at: datetime, *, asked: str | None, sent: str | None
) -> dict[str, Any]:
    """A wish as `keep_wishes` takes it."""
    return {
        "workspace_id": workspace_id,
        "lead_id": lead_id,
        "at": at,
        "source": said.source,
        "external_id": said.external_id,
        "person": said.person,
        "said": said.words,
        "asked": asked,
        "sent": sent,
    }


def _later(found: dict[Any, Any], key: Any, wish: Any) -> None:
    if key not in found or found[key].id < wish.id:
        found[key] = wish


def _take_turns(session: Session, workspace_id: int, keys: Sequence[str]) -> None:
    """Who stores something of the same person waits until we are done. SQLite has one writer."""
    if session.get_bind().dialect.name != "postgresql" or not keys:
        return
    digests = (hashlib.sha256(f"wish:{workspace_id}:{key}".encode(errors="surrogatepass")).digest() for key in keys)
    numbers = sorted({int.from_bytes(digest[:8], "big", signed=True) for digest in digests})
    _LOCK.run(session, {"keys": numbers})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return " ".join(value.split()).casefold() if isinstance(value, str) else value
