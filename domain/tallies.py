"""Tallies: what the live items of the last PULSE_DAYS days add up to, kept so that a count costs the same beside many.

An item is counted by the worker soon after it arrived or changed (`fold`), and taken off when it grows too old. Who
asks for a tally reads what is counted and the few items that are not yet (`Delta`), and works out both together by
the same arithmetic. Nothing depends on who wrote an item: it says itself which of its versions is counted, so that
the items of an earlier release, of another process or of a restored backup wait to be counted like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import and_, bindparam, select, tuple_, union_all
from sqlalchemy.orm import Session

from domain.tally_sheets import PARTS, About, Change, Counted, Sheet, Subject, WorkedOut
from storage.models import Tally, TallyBook, TallyPart, VocItem
from storage.statements import Statement

T = TypeVar("T")

PULSE_DAYS: Final = 30
TRIES: Final = 3
MOST_UNCOUNTED: Final = 250
"""Of more items that wait to be counted, nobody reads all: they are counted from the items themselves then."""

_ITEM: Final = (
    VocItem.id,
    VocItem.state,
    VocItem.created_at,
    VocItem.member_id,
    VocItem.theme_id,
    VocItem.account_id,
    VocItem.competitor,
    VocItem.competitor_key,
    VocItem.kind,
    VocItem.deal_minor,
    VocItem.deal_currency,
    VocItem.version,
    VocItem.tallied_version,
    VocItem.tallied,
)
_HERE: Final = VocItem.workspace_id == bindparam("workspace")
# Made once: building a statement costs more than running it, and these run for every line.
# Each in the order of its partial index: PostgreSQL takes most items to wait, and would read the table for any of them.
IN_ORDER: Final = (VocItem.tallied_version, VocItem.id)
UNCOUNTED: Final = select(*_ITEM).where(_HERE, VocItem.tallied_version != VocItem.version).order_by(*IN_ORDER)
# The time by way of a subquery: PostgreSQL then takes it for any time, and makes no plan anew for each.
TOO_OLD: Final = (
    select(*_ITEM)
    .where(
        _HERE,
        VocItem.tallied.is_not(None),
        VocItem.created_at <= select(bindparam("begin", type_=VocItem.created_at.type)).scalar_subquery(),
        VocItem.tallied_version == VocItem.version,
    )
    .order_by(VocItem.created_at)
)
_WAITING: Final = Statement(
    union_all(*(select(some.limit(MOST_UNCOUNTED + 1).subquery()) for some in (UNCOUNTED, TOO_OLD)))
)
_SHEET: Final = (
    Tally.about,
    Tally.subject,
    Tally.id,
    Tally.name,
    Tally.items,
    Tally.objections,
    Tally.reps,
    Tally.accounts,
    Tally.deals,
)
_OURS: Final = Tally.workspace_id == bindparam("workspace")
_ONE: Final = Statement(
    select(TallyBook.folds, *_SHEET)
    .outerjoin(Tally, and_(_OURS, Tally.about == bindparam("which_about"), Tally.subject == bindparam("which_subject")))
    .where(TallyBook.workspace_id == bindparam("workspace"))
)
"""With how often items were counted; no row where none ever were."""

_SOME: Final = Statement(
    select(*_SHEET).where(_OURS, tuple_(Tally.about, Tally.subject).in_(bindparam("subjects", expanding=True)))
)
_FIRST: Final = {
    by: Statement(
        select(*_SHEET)
        .where(_OURS, Tally.about == bindparam("which_about"))
        .order_by(*(column.desc() for column in columns))
        .limit(bindparam("most"))
    )
    for by, columns in {"items": (Tally.items,), "accounts": (Tally.accounts, Tally.items)}.items()
}
_PARTS: Final = Statement(
    select(TallyPart.tally_id, TallyPart.part, TallyPart.count).where(
        TallyPart.tally_id.in_(bindparam("tallies", expanding=True)),
        TallyPart.part.in_(bindparam("parts", expanding=True)),
        TallyPart.minor == 0,
    )
)
_SIZES: Final = Statement(
    select(TallyPart.minor, TallyPart.count)
    .where(TallyPart.tally_id == bindparam("tally"), TallyPart.part == bindparam("of_part"))
    .order_by(TallyPart.minor.desc())
    .limit(bindparam("most"))
)
_FOLDS: Final = Statement(select(TallyBook.folds).where(TallyBook.workspace_id == bindparam("workspace")))


def pulse_begin(at: datetime) -> datetime:
    """Items that were logged later than this are counted at `at`."""
    return at - timedelta(days=PULSE_DAYS)


def read_tally(session: Session, workspace_id: int, subject: Subject, at: datetime) -> Sheet | None:
    """The tally of one subject at `at`, exact. None: too many items wait to be counted, or are counted just now."""

    about, of = subject
    for _ in range(TRIES):
        row = _ONE.first(session, {"workspace": workspace_id, "which_about": about, "which_subject": of})
        waiting = _changes_waiting(session, workspace_id, at)
        if waiting is None:
            return None
        sheet = _sheet(row) if row is not None and row.id is not None else Sheet(subject)
        found = work_out(session, {subject: sheet}, waiting)[subject].sheet
        if _nobody_folded(session, workspace_id, row.folds if row is not None else None):
            return found
    return None


def read_first(
    session: Session, workspace_id: int, about: About, at: datetime, *, by: Literal["items", "accounts"], limit: int
) -> list[Sheet] | None:
    """The tallies of most items, or of most accounts and then most items, without empty ones; None as `read_tally`."""

    def read() -> list[Sheet] | None:
        waiting = _changes_waiting(session, workspace_id, at)
        if waiting is None:
            return None
        changed = {subject: changes for subject, changes in waiting.items() if subject[0] == about}
        # Those that change may rise among the first, or sink and make room for others.
        asked = {"workspace": workspace_id, "which_about": about, "most": limit + len(changed)}
        sheets = {one.subject: one for one in map(_sheet, _FIRST[by].all(session, asked))}
        sheets |= load_sheets(session, workspace_id, changed.keys() - sheets.keys())
        sheets |= {subject: one.sheet for subject, one in work_out(session, sheets, changed).items()}
        found = [sheet for sheet in sheets.values() if sheet.items > 0]
        found.sort(key=lambda one: (-one.accounts if by == "accounts" else 0, -one.items, *_in_order(one.subject[1])))
        return found[:limit]

    return _between_folds(session, workspace_id, read)


def read_some(
    session: Session, workspace_id: int, subjects: Iterable[Subject], at: datetime
) -> dict[Subject, Sheet] | None:
    """The tallies of these subjects at `at`, empty ones too; None as `read_tally`."""
    wanted = set(subjects)

    def read() -> dict[Subject, Sheet] | None:
        waiting = _changes_waiting(session, workspace_id, at)
        if waiting is None:
            return None
        sheets = load_sheets(session, workspace_id, wanted)
        return {subject: one.sheet for subject, one in work_out(session, sheets, waiting).items()}

    return _between_folds(session, workspace_id, read)


def load_sheets(session: Session, workspace_id: int, subjects: Iterable[Subject]) -> dict[Subject, Sheet]:
    """The tallies of these subjects as they are stored; empty ones where there are none."""
    found = {subject: Sheet(subject) for subject in subjects}
    if found:
        rows = _SOME.all(session, {"workspace": workspace_id, "subjects": list(found)})
        found |= {sheet.subject: sheet for sheet in map(_sheet, rows)}
    return found


def changes_of(rows: Iterable[Any], at: datetime) -> dict[Subject, list[Change]]:
    """What items that wait to be counted, or to be taken off, change at `at`; by subject, in the order of the rows."""
    found: dict[Subject, list[Change]] = {}
    for row in rows:
        for change in _changes(row, at):
            for subject in change.counted.subjects():
                found.setdefault(subject, []).append(change)
    return found


def counted_now(row: Any, at: datetime) -> Counted | None:
    """What is to be counted of an item at `at`; None when it is withdrawn or too old."""
    return Counted.of(row) if row.state == "live" and row.created_at > pulse_begin(at) else None


def work_out(
    session: Session, sheets: Mapping[Subject, Sheet], changed: Mapping[Subject, Sequence[Change]]
) -> dict[Subject, WorkedOut]:
    """The tallies after their changes. Reads a step in an index for each member, account and deal that changes."""
    sums = {subject: _Sum.of(subject, changed.get(subject, ())) for subject in sheets}
    before = _parts(session, [(sheets[subject].id, one.asked()) for subject, one in sums.items()])
    return {
        subject: _worked_out(session, sheet, sums[subject], before.get(sheet.id, {}))
        for subject, sheet in sheets.items()
    }


@dataclass(frozen=True, slots=True)
class _Sum:
    """Changes of one tally, added up. `more`: by part, members and accounts only; `deals`: sizes by part."""

    changes: Sequence[Change]
    more: Counter[tuple[str, int]]
    deals: dict[str, Counter[int]]

    @classmethod
    def of(cls, subject: Subject, changes: Sequence[Change]) -> _Sum:
        more: Counter[tuple[str, int]] = Counter()
        deals: dict[str, Counter[int]] = {}
        kept = PARTS[subject[0]]
        for change in changes:
            one = change.counted
            if "r" in kept:
                more[f"r{one.member}", 0] += change.more
            if "a" in kept and one.account is not None:
                more[f"a{one.account}", 0] += change.more
            if "d" in kept and (part := one.deal_part) is not None and one.minor:
                deals.setdefault(part, Counter())[one.minor] += change.more
        return cls(changes, more, deals)

    def asked(self) -> list[str]:
        """The parts whose counts of before are asked for."""
        return [part for part, _ in self.more] + [f"m{part}" for part in self.deals]


def _worked_out(session: Session, sheet: Sheet, added: _Sum, before: Mapping[str, int]) -> WorkedOut:
    changes, more = added.changes, Counter(added.more)
    if not changes:
        return WorkedOut(sheet, {}, {})
    sums = dict(sheet.deals)
    largest: dict[str, int] = {}
    for part, sizes in added.deals.items():
        was = before.get(f"m{part}", 0)
        now = _largest(session, sheet, part, sizes, was)
        currency = part.partition(":")[2]
        total, often = sums.get(currency, (0, 0))
        sums[currency] = (total + now - was, often + (now > 0) - (was > 0))
        if now != was:
            largest[f"m{part}"] = now
        more.update({(f"d{part}", minor): count for minor, count in sizes.items()})
    step = Counter({"r": 0, "a": 0})
    for (part, _), count in more.items():
        if part[0] in step:
            step[part[0]] += (before.get(part, 0) + count > 0) - (before.get(part, 0) > 0)
    named = next((one.counted.name for one in reversed(changes) if one.more > 0), None)
    worked = replace(
        sheet,
        name=(named or sheet.name) if sheet.subject[0] == "competitor" else None,
        items=sheet.items + sum(change.more for change in changes),
        objections=sheet.objections + sum(change.more for change in changes if change.counted.objection),
        reps=sheet.reps + step["r"],
        accounts=sheet.accounts + step["a"],
        deals={currency: pair for currency, pair in sums.items() if pair[1]},
    )
    return WorkedOut(worked, {part: count for part, count in more.items() if count}, largest)


def _in_order(subject: str) -> tuple[int, str]:
    """Ids by number, so that of two that came up as often the older one comes first."""
    return len(subject), subject


def _changes(row: Any, at: datetime) -> Iterable[Change]:
    before = Counted.from_json(row.tallied) if row.tallied is not None else None
    now = counted_now(row, at)
    if before == now:
        return
    if before is not None:
        yield Change(before, -1)
    if now is not None:
        yield Change(now, 1)


def _changes_waiting(session: Session, workspace_id: int, at: datetime) -> dict[Subject, list[Change]] | None:
    """What the items that wait to be counted change; None when there are more than MOST_UNCOUNTED."""
    rows = _WAITING.all(session, {"workspace": workspace_id, "begin": pulse_begin(at)})
    return changes_of(rows, at) if len(rows) <= MOST_UNCOUNTED else None


def _sheet(row: Any) -> Sheet:
    deals = {currency: (int(total), int(often)) for currency, (total, often) in row.deals.items()}
    return Sheet((row.about, row.subject), row.id, row.name, row.items, row.objections, row.reps, row.accounts, deals)


def _parts(session: Session, asked: Iterable[tuple[int | None, list[str]]]) -> dict[int | None, dict[str, int]]:
    """The counts of parts, by tally: all in one statement, which may find a part of a tally that did not ask for it."""
    stored = [(tally, parts) for tally, parts in asked if tally is not None and parts]
    found: dict[int | None, dict[str, int]] = {}
    if stored:
        parts = list(dict.fromkeys(part for _, each in stored for part in each))
        for row in _PARTS.all(session, {"tallies": [tally for tally, _ in stored], "parts": parts}):
            found.setdefault(row.tally_id, {})[row.part] = row.count
    return found


def _largest(session: Session, sheet: Sheet, part: str, sizes: Counter[int], was: int) -> int:
    """The largest deal of an account after these sizes were added and taken off."""
    added = max((minor for minor, count in sizes.items() if count > 0), default=0)
    taken = sum(count < 0 for count in sizes.values())
    if not taken or sheet.id is None or added >= was:
        return max(was, added)
    asked = {"tally": sheet.id, "of_part": f"d{part}", "most": taken + 1}
    left = (minor for minor, count in _SIZES.all(session, asked) if count + sizes[minor] > 0)
    return max(next(left, 0), added)


def _between_folds(session: Session, workspace_id: int, read: Callable[[], T | None]) -> T | None:
    """What `read` finds in its several statements, while nobody changes tallies; None when somebody always does."""
    for _ in range(TRIES):
        before = None if _sees_one_state(session) else _FOLDS.scalar(session, {"workspace": workspace_id})
        found = read()
        if _nobody_folded(session, workspace_id, before):
            return found
    return None


def _nobody_folded(session: Session, workspace_id: int, before: int | None) -> bool:
    """Whether what several statements read belongs together. `before`: as the book said at the first of them."""
    return _sees_one_state(session) or _FOLDS.scalar(session, {"workspace": workspace_id}) == before


def _sees_one_state(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
