"""What tests of merges, renames and splits ask of a small company."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.voc.competitor_merging import merge_competitors, rename_competitor
from domain.voc.items import log_line
from domain.voc.merging import MergePlan, Staying, merge_rows
from domain.voc.moving import move_some
from domain.voc.planning import plan_any_merge
from domain.voc.receipt import VocReceipt
from domain.voc.regrouping import Regrouped
from domain.voc.renaming import plan_rename, rename_row
from domain.voc.splitting import list_to_split, split_theme
from domain.voc.undoing import undo_regrouping
from storage.models import Theme, VocItem
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def merge(world: World, subject: str, target: str, *, staying: Staying = "target", who: str = "max") -> Regrouped:
    """Merge two themes, accounts or competitors as the form does that the plan opens."""
    plan = world.run(plan_any_merge, subject, target, by=world.member(who), at=world.later(minutes=1))
    return follow(world, plan, staying=staying, who=who)


def follow(world: World, plan: MergePlan, *, staying: Staying = "target", who: str = "max") -> Regrouped:
    """Do what a plan says."""
    by = world.member(who)
    if plan.about == "competitor":
        keys = plan.subject_key, plan.target_key
        return world.run(merge_competitors, *keys, version=plan.version, by=by, at=world.now)
    ids = int(plan.subject_key), int(plan.target_key)
    return world.run(merge_rows, plan.about, *ids, staying=staying, version=plan.version, by=by, at=world.now)


def undo(world: World, done: Regrouped, who: str = "max") -> Regrouped:
    return world.run(undo_regrouping, done.id, by=world.member(who), at=world.later(minutes=1))


def rename(world: World, slug: str, name: str, who: str = "max") -> Regrouped:
    by = world.member(who)
    plan = world.run(plan_rename, slug, name, by=by, at=world.later(minutes=1))
    if plan.about == "competitor":
        return world.run(rename_competitor, plan.key, name, version=plan.name, by=by, at=world.now)
    return world.run(rename_row, plan.about, int(plan.key), name, version=plan.name, by=by, at=world.now)


def split(world: World, slug: str, places: list[int], into: str, who: str = "max") -> Regrouped:
    """Move items of a theme by their place in its list, the newest first."""
    page = world.run(list_to_split, slug, 0, by=world.member(who), at=world.later(minutes=1))
    picked = [page.items[place].marked for place in places]
    return world.run(split_theme, page.theme_id, picked, into, by=world.member(who), at=world.now)


def finish(world: World, done: Regrouped) -> None:
    """Do what the job does."""
    while world.run(move_some, done.id, at=world.now):
        pass


def themes_of_items(world: World) -> dict[str, str]:
    """Under which theme each item stands, by its words."""

    def read(session: Session) -> dict[str, str]:
        rows = session.execute(select(VocItem.verbatim, Theme.slug).join(Theme, Theme.id == VocItem.theme_id))
        return dict(rows.all())

    return world.run(read)


def theme_of(world: World, item_id: int) -> int:
    """The id of an item's theme."""
    found = world.run(lambda session: session.get_one(VocItem, item_id).theme_id)
    assert found is not None
    return int(found)
