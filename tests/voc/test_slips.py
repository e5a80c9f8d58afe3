"""A slip of the finger makes no theme: the item is saved, the rep is asked once, and one tap puts it right."""

import pytest
from sqlalchemy import select

from domain.errors import Changed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.themes import answer_theme, find_theme
from domain.voc.errors import ItemRefused
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, withdraw_item
from domain.voc.name_slips import keep_theme, use_theme
from domain.voc.receipt import VocReceipt
from handlers.voc.views import receipt_blocks
from storage.models import AuditEvent
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def use(world: World, logged: VocReceipt, slug: str, *, version: int = 1, who: str = "ana") -> VocReceipt:
    by = world.member(who)
    return world.run(use_theme, logged.item.id, slug, version=version, by=by, at=world.later(minutes=1))


def keep(world: World, logged: VocReceipt, *, version: int = 1, who: str = "ana") -> VocReceipt:
    by = world.member(who)
    return world.run(keep_theme, logged.item.id, version=version, by=by, at=world.later(minutes=1))


def history(world: World) -> list[str]:
    return world.run(lambda session: list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))))


def test_a_slip_is_saved_and_asked_about(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dearer #priceing")
    assert (logged.item.theme, logged.meant) == ("priceing", "pricing")


def test_a_slip_is_not_told_that_it_is_the_first_of_its_kind(world: World) -> None:
    log(world, "dear #pricing")
    told = str(receipt_blocks(log(world, "dearer #priceing"), "logged"))
    assert "Did you mean #pricing?" in told
    assert "you are the first" not in told


def test_the_older_theme_and_another_one_are_not_asked_about(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dearer #priceing")
    assert log(world, "dear #pricing").meant is None
    assert log(world, "slow #timing").meant is None


def test_one_tap_moves_the_item_with_its_history_and_its_counts(world: World) -> None:
    log(world, "dear #pricing @Globex")
    logged = log(world, "dearer #priceing @Initech")
    moved = use(world, logged, "pricing")
    assert (moved.item.theme, moved.meant) == ("pricing", None)
    assert moved.echo is not None
    assert (moved.echo.pulse.count, moved.echo.pulse.accounts) == (2, 2)
    assert history(world)[-1] == "voc.theme_used"
    assert world.run(withdraw_item, logged.item.id, by=world.member("ana"), at=world.now).live is False


def test_a_second_tap_changes_nothing(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dearer #priceing")
    first = use(world, logged, "pricing")
    again = use(world, logged, "pricing")
    assert (again.item.theme, again.item.version) == ("pricing", first.item.version)
    assert history(world).count("voc.theme_used") == 1


def test_a_kept_spelling_is_not_asked_about_again_by_anybody(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dearer #priceing")
    assert keep(world, logged).meant is None
    assert keep(world, logged).item.theme == "priceing"
    assert log(world, "dear #priceing", "bo").meant is None
    assert history(world).count("theme.kept") == 1


def test_it_is_asked_until_somebody_answers_or_the_theme_came_up_three_times(world: World) -> None:
    log(world, "dear #pricing")
    assert [log(world, f"dear {number} #priceing").meant for number in range(4)] == ["pricing", "pricing", None, None]


def test_a_theme_that_came_up_often_long_ago_is_not_asked_about(world: World) -> None:
    log(world, "dear #pricing")
    for number in range(3):
        log(world, f"dear {number} #priceing")
    world.later(days=40)
    log(world, "dear #pricing")
    assert log(world, "dear #priceing").meant is None


def test_a_theme_with_an_answer_is_not_asked_about(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    theme = world.run(find_theme, world.workspace_id, "priceing")
    assert theme is not None
    world.run(answer_theme, theme.id, text="Say: value.", by=world.member("max"), at=world.now)
    assert log(world, "dear #priceing").meant is None


def test_a_theme_that_nobody_uses_any_more_is_not_offered(world: World) -> None:
    log(world, "dear #pricing")
    use(world, log(world, "dear #pricng"), "pricing")
    assert log(world, "dear #pricngs").meant != "pricng"


def test_an_edited_theme_is_asked_about_too(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dear too").item
    form = VocForm(text="dear too", theme="priceing")
    edited = world.run(edit_item, logged.id, form, version=1, by=world.member("ana"), at=world.later(minutes=1))
    assert edited.meant == "pricing"


def test_an_item_that_was_changed_meanwhile_stays_as_it_is(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dearer #priceing")
    form = VocForm(text="dearer", theme="speed")
    world.run(edit_item, logged.item.id, form, version=1, by=world.member("ana"), at=world.later(minutes=1))
    with pytest.raises(Changed):
        use(world, logged, "pricing")
    with pytest.raises(Changed):
        keep(world, logged)


def test_only_who_may_change_the_item_answers_and_only_with_a_theme_of_the_workspace(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "dearer #priceing")
    with pytest.raises(ItemRefused):
        use(world, logged, "pricing", who="bo")
    with pytest.raises(ItemRefused):
        keep(world, logged, who="bo")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #budget", by=stranger, at=world.now)
    with pytest.raises(NotFound):
        use(world, logged, "budget")
    with pytest.raises(NotFound):
        world.run(use_theme, logged.item.id, "budget", version=1, by=stranger, at=world.now)


def test_themes_of_another_workspace_are_not_meant(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #pricing", by=stranger, at=world.now)
    assert log(world, "dear #priceing").meant is None
