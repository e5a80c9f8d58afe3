"""Write-back as an admin sets it for a source: on or off, what opens the CRM, and what each step is called there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound, TandemError
from domain.people import Actor, audit
from domain.sources import find_source, keep_key
from domain.versions import check_version, version_of
from domain.webhooks.addresses import Network, check_url
from domain.writeback.crms import CRMS, STATES, Crm
from domain.writeback.wanting import ask
from domain.writeback.writing import waiting_records
from storage.locking import locked
from storage.models import Source, WriteBack, WrittenRecord

LONGEST_STATUS: Final = 100
_CLIENT: Final = re.compile(r"[!-~]{8,512}")
Seal = Callable[[str], str]


@dataclass(unsafe_hash=True)
class WriteBackWrong(TandemError):
    """Write-back cannot be set like this. `given`: what was given, or what there is to pick from."""

    why: Literal["no_state", "no_status", "no_key", "no_client", "no_address", "no_secret_key"]
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteBackSet:
    """How a source writes back. `state`: "on", "off" or "stopped"; `has_key`: what lets us in is there.

    `waiting`: the records that wait until the CRM lets us in again. `trouble`: a code for what stands in the way since
    `trouble_at`, and `trouble_with` of what. Times are aware UTC.
    """

    source: str
    auth: str
    state: str
    statuses: Mapping[str, str]
    has_key: bool
    address: str = ""
    client_id: str = ""
    worked_at: datetime | None = None
    trouble: str | None = None
    trouble_with: str | None = None
    trouble_at: datetime | None = None
    waiting: int = 0

    @property
    def crm(self) -> Crm:
        return CRMS[self.auth]

    @property
    def shown(self) -> tuple[object, ...]:
        """What a form changes."""
        return (self.state == "off", tuple(sorted(self.statuses.items())), self.address, self.client_id)

    @property
    def version(self) -> str:
        return version_of(self.shown)


@dataclass(frozen=True, slots=True)
class WriteBackForm:
    """What was filled in, as typed. `statuses`: a line for each, `contacted = CONNECTED`; `key` "": it stays."""

    on: bool
    statuses: str
    key: str = ""
    address: str = ""
    client_id: str = ""


def load_write_back(session: Session, name: str, *, by: Actor, at: datetime) -> WriteBackSet:  # noqa: ARG001  # as all
    """How the source writes back. Raises NotFound, also where its kind cannot."""
    source = session.scalar(select(Source).where(Source.workspace_id == by.workspace_id, Source.name == name))
    if source is None or source.auth not in CRMS:
        raise NotFound("source")
    return _seen(session, source)


def load_write_backs(session: Session, workspace_id: int) -> tuple[WriteBackSet, ...]:
    """Those of the workspace that were ever set, by their sources."""
    sources = session.scalars(
        select(Source)
        .join(WriteBack, WriteBack.source_id == Source.id)
        .where(WriteBack.workspace_id == workspace_id)
        .order_by(Source.id)
    )
    return tuple(_seen(session, one) for one in sources if one.auth in CRMS)


def save_write_back(
    session: Session,
    name: str,
    form: WriteBackForm,
    version: str,
    *,
    seal: Seal | None,
    networks: Sequence[Network] = (),
    by: Actor,
    at: datetime,
) -> WriteBackSet:
    """Keep what was filled in; what waited because the CRM let us in no more is tried again.

    Raises NotFound, Changed, and FieldProblems (`statuses`, `key`, `address`, `client_id`).
    """
    source = find_source(session, by.workspace_id, name)
    if source.auth not in CRMS:
        raise NotFound("source")
    seen = _seen(session, source)
    check_version(session, "source", seen.shown, version, about=f"write_back:{name}", by=by, at=at)
    statuses, problems = _checked(form, seen, seal, networks)
    if problems:
        raise FieldProblems(problems)
    if form.key.strip() and seal is not None:
        keep_key(session, source, form.key.strip(), seal=seal, by=by, at=at)
    waiting = waiting_records(session, source.id)  # before the setting is held, as those who write do
    row = session.scalars(locked(select(WriteBack).where(WriteBack.source_id == source.id))).one_or_none()
    if row is None:
        row = WriteBack(source_id=source.id, workspace_id=source.workspace_id, state="off", statuses={}, changed_at=at)
        session.add(row)
    before = row.state
    row.state, row.statuses, row.changed_at = "on" if form.on else "off", statuses, at
    row.address = form.address.strip().rstrip("/") or None if seen.crm.own_address else None
    row.client_id = form.client_id.strip() or None if seen.crm.own_address else None
    row.trouble = row.trouble_with = row.trouble_at = None
    session.flush()
    if form.on:
        for record in waiting:
            ask(session, record, at=at)
    data = {"state": row.state, "before": before}
    audit(session, source.workspace_id, "source.write_back", "source", source.id, by=by, at=at, data=data)
    session.flush()
    return _seen(session, source)


def written_statuses(statuses: Mapping[str, str]) -> list[str]:
    """The lines of a form, in the order of a lead's life."""
    return [f"{state} = {statuses.get(state, '')}".rstrip() for state in STATES]


def read_statuses(text: str) -> dict[str, str]:
    """The statuses by state, of lines such as `contacted = CONNECTED`. Raises WriteBackWrong."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        state, mark, status = (one.strip() for one in line.partition("="))
        if not state and not mark:
            continue
        if state.casefold() not in STATES:
            raise WriteBackWrong("no_state", (state or line.strip(), ", ".join(STATES)))
        if not mark or len(status) > LONGEST_STATUS or not status.isprintable():
            raise WriteBackWrong("no_status", (line.strip(),))
        if status:
            found[state.casefold()] = status
    return found


def _checked(
    form: WriteBackForm, seen: WriteBackSet, seal: Seal | None, networks: Sequence[Network]
) -> tuple[dict[str, str], dict[str, TandemError]]:
    problems: dict[str, TandemError] = {}
    statuses: dict[str, str] = {}
    try:
        statuses = read_statuses(form.statuses)
    except WriteBackWrong as error:
        problems["statuses"] = error
    if form.key.strip() and seal is None:
        problems["key"] = WriteBackWrong("no_secret_key")
    elif form.on and not form.key.strip() and not seen.has_key:
        problems["key"] = WriteBackWrong("no_key", (seen.crm.name,))
    if seen.crm.own_address and (form.on or form.address.strip()):
        try:
            check_url(form.address.strip().rstrip("/"), networks)
        except FieldProblems as found:
            problems["address"] = found.problems["url"] if form.address.strip() else WriteBackWrong("no_address")
        else:
            if form.address.strip().rstrip("/").count("/") > 2:
                problems["address"] = WriteBackWrong("no_address")
    if seen.crm.own_address and form.on and not _CLIENT.fullmatch(form.client_id.strip()):
        problems["client_id"] = WriteBackWrong("no_client")
    return statuses, problems


def _seen(session: Session, source: Source) -> WriteBackSet:
    crm = CRMS[source.auth]
    row = session.get(WriteBack, source.id)
    blank = WriteBackSet(source.name, source.auth, "off", dict(crm.statuses), source.sealed_key is not None)
    if row is None:
        return blank
    due = (WrittenRecord.source_id == source.id, WrittenRecord.due.is_(True))
    waiting = session.scalar(select(func.count()).select_from(WrittenRecord).where(*due)) if row.state != "on" else 0
    statuses: dict[str, Any] = dict(row.statuses)
    return replace(
        blank,
        state=row.state,
        statuses={state: str(statuses[state]) for state in STATES if statuses.get(state)},
        address=row.address or "",
        client_id=row.client_id or "",
        worked_at=row.worked_at,
        trouble=row.trouble,
        trouble_with=row.trouble_with,
        trouble_at=row.trouble_at,
        waiting=waiting or 0,
    )
