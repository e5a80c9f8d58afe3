"""What marketing does about a theme: status, owner, content; who may, and what somebody else changed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound
from domain.people import Profile, ensure_workspace, sync_members
from domain.themes import answer_theme, find_or_add_theme
from domain.voc.errors import OwnerWrong, StatusWrong, ThemeOwned
from domain.voc.items import log_line
from domain.voc.work import WorkedTheme, give_theme, link_asset, open_theme, own_theme, set_status
from storage.models import Asset, AuditEvent, Member, Theme
from tests.world import World


@pytest.fixture
def pricing(world: World) -> int:
    """The id of the theme #pricing, which ana raised."""
    world.run(log_line, "far too dear #pricing", by=world.member("ana"), at=world.now)
    found: int = world.run(lambda session: session.scalars(select(Theme.id)).one())
    return found


def opened(world: World, theme_id: int) -> WorkedTheme:
    return world.run(open_theme, theme_id, by=world.member("max"), at=world.now)


def written(world: World, *actions: str) -> list[tuple[str, dict[str, Any]]]:
    """What the audit holds of these."""

    def read(session: Session) -> list[tuple[str, dict[str, Any]]]:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.action.in_(actions)).order_by(AuditEvent.id))
        return [(row.action, row.data) for row in rows]

    return world.run(read)


def add_asset(world: World, title: str, workspace_id: int | None = None) -> int:
    def add(session: Session) -> int:
        asset = Asset(
            workspace_id=workspace_id or world.workspace_id, slug=title.lower(), title=title, created_at=world.now
        )
        session.add(asset)
        session.flush()
        return asset.id

    return world.run(add)


def test_a_theme_begins_as_new_and_nobody_looks_after_it(world: World, pricing: int) -> None:
    theme = opened(world, pricing)
    assert (theme.status, theme.note, theme.owner, theme.is_answered, theme.assets) == ("new", None, None, False, ())


def test_a_status_is_set_with_its_note_and_written_down(world: World, pricing: int) -> None:
    max_ = world.member("max")
    slug = world.run(set_status, pricing, "planned", note="  With the next release  ", by=max_, at=world.now)
    assert slug == "pricing"
    theme = opened(world, pricing)
    assert (theme.status, theme.note) == ("planned", "With the next release")
    assert written(world, "theme.status") == [("theme.status", {"before": "new", "after": "planned"})]


def test_the_same_status_once_more_changes_nothing(world: World, pricing: int) -> None:
    for _ in range(2):
        world.run(set_status, pricing, "looking", note=None, by=world.member("max"), at=world.now)
    assert len(written(world, "theme.status")) == 1


def test_another_note_is_no_other_status(world: World, pricing: int) -> None:
    set_at = world.now
    world.run(set_status, pricing, "planned", note="in spring", by=world.member("max"), at=set_at)
    world.run(set_status, pricing, "planned", note="in summer", by=world.member("mia"), at=world.later(hours=1))
    assert written(world, "theme.status", "theme.noted")[1:] == [("theme.noted", {})]
    row = world.run(lambda session: session.get_one(Theme, pricing).status_at)
    assert row == set_at


def test_wont_do_needs_a_reason(world: World, pricing: int) -> None:
    with pytest.raises(FieldProblems) as wrong:
        world.run(set_status, pricing, "wont_do", note=" \n ", by=world.member("max"), at=world.now)
    assert wrong.value.problems == {"note": StatusWrong("no_reason")}
    world.run(set_status, pricing, "wont_do", note="We sell by seat", by=world.member("max"), at=world.now)
    assert opened(world, pricing).status == "wont_do"


def test_shipped_needs_an_answer_or_content(world: World, pricing: int) -> None:
    max_ = world.member("max")
    with pytest.raises(FieldProblems) as wrong:
        world.run(set_status, pricing, "shipped", note=None, by=max_, at=world.now)
    assert wrong.value.problems == {"status": StatusWrong("nothing_shipped")}
    world.run(answer_theme, pricing, text="Do the sum with them.", by=max_, at=world.now)
    world.run(set_status, pricing, "shipped", note=None, by=max_, at=world.now)
    assert opened(world, pricing).status == "shipped"


def test_content_about_the_theme_can_be_shipped(world: World, pricing: int) -> None:
    asset, max_ = add_asset(world, "Calculator"), world.member("max")
    linked = world.run(link_asset, pricing, asset, by=max_, at=world.now)
    assert (linked.slug, linked.title) == ("pricing", "Calculator")
    assert opened(world, pricing).assets == ("Calculator",)
    world.run(set_status, pricing, "shipped", note=None, by=max_, at=world.now)
    assert written(world, "asset.linked") == [("asset.linked", {"before": None, "after": pricing})]


def test_an_unknown_status_and_a_note_that_is_too_long_are_refused(world: World, pricing: int) -> None:
    with pytest.raises(FieldProblems) as wrong:
        world.run(set_status, pricing, "done", note="x" * 501, by=world.member("max"), at=world.now)
    assert set(wrong.value.problems) == {"status", "note"}
    assert opened(world, pricing).status == "new"


def test_whoever_saves_a_status_second_hears_who_was_first(world: World, pricing: int) -> None:
    form = opened(world, pricing)
    world.run(set_status, pricing, "planned", note=None, by=world.member("mia"), at=world.now)
    world.later(minutes=2)
    with pytest.raises(Changed) as changed:
        world.run(
            set_status,
            pricing,
            "looking",
            note=None,
            version=form.status_version,
            by=world.member("max"),
            at=world.now,
        )
    assert (changed.value.by, changed.value.ago) == ("mia", world.now - world.now.replace(minute=0))
    again = changed.value.version
    world.run(set_status, pricing, "looking", note=None, version=again, by=world.member("max"), at=world.now)
    assert opened(world, pricing).status == "looking"


def test_the_note_of_one_status_does_not_go_out_with_the_next_unread(world: World, pricing: int) -> None:
    max_ = world.member("max")
    world.run(set_status, pricing, "looking", note="Product is asked", by=max_, at=world.now)
    form = opened(world, pricing)

    def save(status: str, note: str | None) -> None:
        told: dict[str, Any] = {"note": note, "version": form.status_version, "by": max_, "at": world.now}
        world.run(set_status, pricing, status, **told)

    with pytest.raises(FieldProblems) as wrong:
        save("planned", " Product is asked ")
    assert wrong.value.problems == {"note": StatusWrong("old_note")}
    save("looking", "Product is asked")
    save("planned", None)
    assert (opened(world, pricing).status, opened(world, pricing).note) == ("planned", None)


def test_the_second_who_takes_a_theme_reads_who_was_faster(world: World, pricing: int) -> None:
    world.run(own_theme, pricing, by=world.member("max"), at=world.now)
    world.run(own_theme, pricing, by=world.member("max"), at=world.now)
    assert opened(world, pricing).owner == "U-MAX"
    with pytest.raises(ThemeOwned) as owned:
        world.run(own_theme, pricing, by=world.member("mia"), at=world.later(seconds=4))
    assert owned.value.by == "max"
    assert owned.value.ago is not None
    assert owned.value.ago.total_seconds() == 4
    assert len(written(world, "theme.owned")) == 1


def test_a_theme_can_be_given_to_marketing_only(world: World, pricing: int) -> None:
    mia = world.member("mia")
    for user_id, name in (("U-ANA", "ana"), ("U-NOBODY", None)):
        with pytest.raises(FieldProblems) as wrong:
            world.run(give_theme, pricing, user_id, by=mia, at=world.now)
        assert wrong.value.problems == {"owner": OwnerWrong(name)}
    world.run(give_theme, pricing, "U-MAX", by=mia, at=world.now)
    assert opened(world, pricing).owner_name == "max"
    world.run(give_theme, pricing, None, by=mia, at=world.now)
    assert opened(world, pricing).owner is None


def test_a_theme_that_was_given_meanwhile_is_not_given_again_unseen(world: World, pricing: int) -> None:
    form = opened(world, pricing)
    world.run(own_theme, pricing, by=world.member("max"), at=world.now)
    with pytest.raises(Changed) as changed:
        world.run(
            give_theme, pricing, "U-MIA", version=form.owner_version, by=world.member("mia"), at=world.later(minutes=1)
        )
    assert (changed.value.what, changed.value.by, changed.value.changes) == ("owner", "max", ("max",))


def test_who_left_marketing_looks_after_nothing(world: World, pricing: int) -> None:
    world.run(own_theme, pricing, by=world.member("max"), at=world.now)
    world.run(lambda session: setattr(session.scalars(select(Member).where(Member.name == "max")).one(), "role", "rep"))
    assert opened(world, pricing).owner is None
    world.run(own_theme, pricing, by=world.member("mia"), at=world.now)
    assert opened(world, pricing).owner == "U-MIA"


def test_what_is_of_another_workspace_does_not_exist(world: World, pricing: int) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    profile = Profile("U-EVA", "eva", None, "UTC", True, False, True, False)
    world.run(sync_members, other, [profile], world.now)
    eva = world.member("eva")
    theirs = world.run(find_or_add_theme, other, "pricing", at=world.now).id
    asset = add_asset(world, "Theirs", other)
    attempts: list[tuple[Any, ...]] = [
        (set_status, pricing, "planned"),
        (own_theme, pricing),
        (give_theme, pricing, "U-EVA"),
        (link_asset, pricing, asset),
        (link_asset, theirs, add_asset(world, "Ours")),
    ]
    for use_case, *given in attempts:
        more = {"note": None} if use_case is set_status else {}
        with pytest.raises(NotFound):
            world.run(use_case, *given, **more, by=eva, at=world.now)
    with pytest.raises(FieldProblems):
        world.run(give_theme, theirs, "U-MAX", by=eva, at=world.now)


def test_a_theme_that_another_one_replaced_is_worked_on_no_more(world: World, pricing: int) -> None:
    def replace_it(session: Session) -> None:
        other = find_or_add_theme(session, world.workspace_id, "price", at=world.now)
        session.get_one(Theme, pricing).merged_into_id = other.id

    world.run(replace_it)
    with pytest.raises(NotFound):
        world.run(own_theme, pricing, by=world.member("max"), at=world.now)
