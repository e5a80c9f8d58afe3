"""Merging and renaming competitors: items are called anew, and what is typed under the old name lands under the new."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems
from domain.leads.announce import refresh_home
from domain.near_names import competitor_called
from domain.near_themes import nearest
from domain.people import Actor
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key
from domain.versions import version_of
from domain.voc.errors import RegroupingRefused, UnknownName
from domain.voc.form import NAME_LIMIT
from domain.voc.grouped import NAMED, about_of, bare
from domain.voc.led_competitors import chain_of_competitor, own_competitor
from domain.voc.merging import MergePlan
from domain.voc.moving import move_first
from domain.voc.regrouping import (
    Before,
    Regrouped,
    allow,
    begin_regrouping,
    called,
    count_items,
    refuse_busy,
    regrouped,
)
from storage.locking import locked
from storage.models import Regrouping, VocItem, Workspace


@dataclass(frozen=True, slots=True)
class Competitor:
    """A competitor by its key, and as it is called."""

    key: str
    name: str


def competitor_typed(session: Session, typed: str, *, by: Actor, at: datetime) -> Competitor:
    """The competitor that was typed, or that took its place. Raises UnknownName with what may be meant."""
    name = bare(typed)
    key = chain_of_competitor(session, by.workspace_id, compare_key(name))[-1] if compare_key(name) else ""
    named = select(VocItem.competitor).where(VocItem.workspace_id == by.workspace_id, VocItem.competitor_key == key)
    found = competitor_called(session, by.workspace_id, key, at=at) if key else None
    found = found or (session.scalar(named.limit(1)) if key else None)
    if found is not None:
        return Competitor(key, found)
    listed = _listed(session, by.workspace_id)
    near = nearest(key, listed) if key else []
    raise UnknownName("competitor", f"!{name}" if name else "", tuple(f"!{listed[one]}" for one in near[:NAMED]))


def plan_competitor_merge(session: Session, typed: str, into: str, *, by: Actor, at: datetime) -> MergePlan:
    """What merging two competitors comes to. Raises NotAllowed, UnknownName, RegroupingRefused."""
    if about_of(into, "competitor") != "competitor":
        raise RegroupingRefused("unlike", typed, into)
    subject, target = (competitor_typed(session, one, by=by, at=at) for one in (typed, into))
    allow(session, by)
    if subject.key == target.key:
        other = next((one for one in map(bare, (typed, into)) if compare_key(one) != subject.key), None)
        names = called("competitor", other or subject.name), called("competitor", target.name)
        raise RegroupingRefused("part_already" if other else "itself", *names)
    refuse_busy(session, by.workspace_id, "competitor", (subject.key, target.key))
    return MergePlan(
        about="competitor",
        subject_key=subject.key,
        born=None,
        subject=subject.name,
        target_key=target.key,
        target=target.name,
        items=count_items(session, *_items(by.workspace_id, subject.key)),
        target_items=count_items(session, *_items(by.workspace_id, target.key)),
        version=_version(subject, target),
    )


def merge_competitors(
    session: Session, subject_key: str, target_key: str, *, version: str, by: Actor, at: datetime
) -> Regrouped:
    """Call all items of one competitor by the name of another. `version`: of the plan that was shown.

    Raises NotAllowed, UnknownName, RegroupingRefused, and Changed when the plan is another by now.
    """
    allow(session, by)
    workspace = _hold(session, by)
    subject, target = (competitor_typed(session, key, by=by, at=at) for key in (subject_key, target_key))
    if subject.key != subject_key or target.key != target_key:
        names = called("competitor", subject.name), called("competitor", target.name)
        raise RegroupingRefused("part_already", *names)
    if subject.key == target.key:
        raise RegroupingRefused("itself", *(called("competitor", one.name) for one in (subject, target)))
    if version != _version(subject, target):
        raise Changed("competitor", None, version=_version(subject, target))
    return _lead(session, workspace, "merge", subject, target, by=by, at=at)


def rename_competitor(session: Session, key: str, name: str, *, version: str, by: Actor, at: datetime) -> Regrouped:
    """Call a competitor otherwise, in the list and on all items. `version`: the name that the form showed.

    Raises NotAllowed, UnknownName, Changed, and FieldProblems (`name`).
    """
    allow(session, by)
    workspace = _hold(session, by)
    subject = competitor_typed(session, key, by=by, at=at)
    if subject.name != version:
        raise Changed("competitor", None, version=subject.name, changes=(subject.name,))
    target = _new_name(session, subject, name, by, at)
    return _lead(session, workspace, "rename", subject, target, by=by, at=at)


def take_competitor_back(session: Session, row: Regrouping, by: Actor) -> None:
    """The subject leads nowhere again, and stands in the workspace's list where it stood before.

    Raises RegroupingRefused when it leads elsewhere by now.
    """
    workspace = _hold(session, by)
    led = dict(workspace.merged_competitors)
    leads_on = row.kind == "rename" and row.target in led
    if led.get(row.subject, {}).get("key") != row.target or leads_on:
        name = own_competitor(session, by.workspace_id, row.target_name) or row.target_name
        raise RegroupingRefused("renamed_since", called("competitor", row.subject_name), called("competitor", name))
    del led[row.subject]
    if row.kind == "rename":
        _bring_along(session, row, led)
    workspace.merged_competitors = led
    listed = [str(one) for one in workspace.competitors]
    if row.before.get("listed"):
        kept = [one for one in listed if compare_key(one) != row.target or row.kind != "rename"]
        workspace.competitors = [*kept, row.subject_name]
    session.flush()


def _bring_along(session: Session, rename: Regrouping, led: dict[str, Any]) -> None:
    """What was merged into the renamed competitor leads to it also under the name that it gets back."""
    merges = select(Regrouping).where(
        Regrouping.workspace_id == rename.workspace_id,
        Regrouping.about == "competitor",
        Regrouping.kind == "merge",
        Regrouping.target == rename.target,
        Regrouping.undone_at.is_(None),
    )
    for one in session.scalars(locked(merges)):
        one.target, one.target_name = rename.subject, rename.subject_name
        if one.subject in led:
            led[one.subject] = {**led[one.subject], "key": one.target, "called": one.target_name}


def _lead(
    session: Session,
    workspace: Workspace,
    kind: str,
    subject: Competitor,
    target: Competitor,
    *,
    by: Actor,
    at: datetime,
) -> Regrouped:
    refuse_busy(session, workspace.id, "competitor", (subject.key, target.key))
    listed = [str(one) for one in workspace.competitors]
    was_listed = any(compare_key(one) == subject.key for one in listed)
    if was_listed:
        others = [one for one in listed if compare_key(one) != subject.key]
        is_there = any(compare_key(one) == target.key for one in others)
        workspace.competitors = others if is_there else [*others, target.name]
    led: dict[str, Any] = dict(workspace.merged_competitors)
    led[subject.key] = {"name": subject.name, "key": target.key, "called": target.name}
    workspace.merged_competitors = led
    session.flush()
    keys, names = (subject.key, target.key), (subject.name, target.name)
    before = Before(listed=was_listed)
    row = begin_regrouping(session, "competitor", kind, keys, names, by=by, at=at, before=before)
    move_first(session, row, at=at)
    refresh_home(session, workspace.id, by.id, at, by=by)
    return regrouped(session, row)


def _new_name(session: Session, subject: Competitor, name: str, by: Actor, at: datetime) -> Competitor:
    """What the competitor is to be called. Raises FieldProblems (`name`)."""
    shown = called("competitor", subject.name)
    try:
        new = bare(clean_text(name, limit=NAME_LIMIT))
    except TextEmpty as error:
        raise FieldProblems({"name": RegroupingRefused("no_name", shown, "")}) from error
    except TextTooLong as error:
        raise FieldProblems({"name": error}) from error
    key = compare_key(new)
    if not key:
        raise FieldProblems({"name": RegroupingRefused("no_name", shown, "")})
    if key == subject.key:
        raise FieldProblems({"name": RegroupingRefused("called_so", shown, shown)})
    if chain_of_competitor(session, by.workspace_id, key)[-1] == subject.key:
        raise FieldProblems({"name": RegroupingRefused("earlier_name", shown, called("competitor", new))})
    try:
        taken = competitor_typed(session, new, by=by, at=at)
    except UnknownName:
        return Competitor(key, new)
    raise FieldProblems({"name": RegroupingRefused("taken", shown, called("competitor", taken.name))})


def _hold(session: Session, by: Actor) -> Workspace:
    """The workspace's row, locked: of two people who merge competitors, one goes after the other."""
    # Not for its key, to which every row of the workspace refers: nobody else has to wait.
    held = select(Workspace).where(Workspace.id == by.workspace_id).with_for_update(key_share=True)
    return session.scalars(held.execution_options(populate_existing=True)).one()


def _listed(session: Session, workspace_id: int) -> dict[str, str]:
    names: Collection[Any] = session.get_one(Workspace, workspace_id).competitors
    return {compare_key(str(one)): str(one) for one in names}


def _items(workspace_id: int, key: str) -> tuple[Any, ...]:
    return VocItem.workspace_id == workspace_id, VocItem.competitor_key == key


def _version(subject: Competitor, target: Competitor) -> str:
    return version_of([(one.key, one.name) for one in (subject, target)])
