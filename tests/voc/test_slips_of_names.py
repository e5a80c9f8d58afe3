"""A slip in the name of an account or a competitor: the item is saved, the rep is asked once, one tap puts it right."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import Changed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.voc.errors import ItemRefused
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line
from domain.voc.name_slips import keep_account, keep_competitor, use_account, use_competitor
from domain.voc.receipt import VocReceipt
from handlers.voc.views import receipt_blocks
from storage.models import Account, AuditEvent, VocItem, Workspace
from tests.voc.regrouped import log, merge
from tests.world import World


def account_meant(logged: VocReceipt) -> str | None:
    return logged.meant_account.name if logged.meant_account is not None else None


def competitor_meant(logged: VocReceipt) -> str | None:
    return logged.meant_competitor.name if logged.meant_competitor is not None else None


def know(world: World, *competitors: str) -> None:
    def save(session: Session) -> None:
        session.execute(update(Workspace).values(competitors=list(competitors)))

    world.run(save)


def test_a_slip_of_an_account_is_saved_and_asked_about(world: World) -> None:
    log(world, "dear @Northwind")
    logged = log(world, "dearer @Nortwind")
    assert (logged.item.account, account_meant(logged)) == ("Nortwind", "Northwind")
    told = str(receipt_blocks(logged, "logged"))
    assert "Did you mean @Northwind?" in told
    assert "first item" not in told


def test_the_older_account_and_another_one_are_not_asked_about(world: World) -> None:
    log(world, "dear @Northwind")
    log(world, "dearer @Nortwind")
    assert account_meant(log(world, "dear @Northwind")) is None
    assert account_meant(log(world, "dear @Globex")) is None


@pytest.mark.parametrize("name", ["Northwind2", "Southwind", "North"])
def test_names_that_differ_on_purpose_are_not_asked_about(world: World, name: str) -> None:
    log(world, "dear @Northwind")
    assert account_meant(log(world, f"dear @{name}")) is None


def test_a_confirmed_account_without_items_is_meant_too_and_is_never_asked_about(world: World) -> None:
    log(world, "dear @Initech")

    def confirm(session: Session) -> None:
        names = ("Northwind", "northwind"), ("Initec", "initec")
        session.add_all(
            Account(workspace_id=world.workspace_id, name=name, slug=slug, known=True, keyed=True, created_at=world.now)
            for name, slug in names
        )

    world.run(confirm)
    assert account_meant(log(world, "dear @Nortwind")) == "Northwind"
    assert account_meant(log(world, "dear @Initec")) is None


def test_one_tap_moves_the_item_to_the_account_with_its_history_and_counts(world: World) -> None:
    log(world, "dear @Northwind $40k")
    logged = log(world, "dearer @Nortwind")
    by = world.member("ana")
    assert logged.meant_account is not None
    for _ in range(2):
        moved = world.run(use_account, logged.item.id, logged.meant_account.key, version=1, by=by, at=world.now)
    assert (moved.item.account, account_meant(moved), moved.item.version) == ("Northwind", None, 2)
    assert moved.echo is not None
    assert moved.echo.pulse.count == 2
    actions = world.run(lambda session: list(session.scalars(select(AuditEvent.action))))
    assert actions.count("voc.account_used") == 1


def test_it_is_asked_until_somebody_answers_or_the_account_came_up_three_times(world: World) -> None:
    log(world, "dear @Northwind")
    asked = [account_meant(log(world, f"dear {number} @Nortwind")) for number in range(4)]
    assert asked == ["Northwind", "Northwind", None, None]


def test_a_kept_spelling_is_not_asked_about_again_by_anybody(world: World) -> None:
    log(world, "dear @Northwind")
    logged = log(world, "dearer @Nortwind")
    by = world.member("ana")
    for _ in range(2):
        kept = world.run(keep_account, logged.item.id, version=1, by=by, at=world.now)
    assert (kept.item.account, account_meant(kept)) == ("Nortwind", None)
    assert account_meant(log(world, "dear @Nortwind", "bo")) is None


def test_an_account_of_long_ago_is_not_asked_about(world: World) -> None:
    log(world, "dear @Northwind")
    log(world, "dear @Nortwind")
    world.later(days=8)
    assert account_meant(log(world, "dear @Nortwind")) is None


def test_a_slip_of_a_known_competitor_is_asked_about(world: World) -> None:
    know(world, "Rivalsoft")
    logged = log(world, "cheaper vs Rivalsofft")
    assert (logged.item.competitor, competitor_meant(logged)) == ("Rivalsofft", "Rivalsoft")
    assert "Did you mean Rivalsoft?" in str(receipt_blocks(logged, "logged"))
    assert competitor_meant(log(world, "cheaper vs Rivalsoft")) is None
    assert competitor_meant(log(world, "cheaper vs Acmeware")) is None


def test_a_competitor_that_was_named_more_often_is_meant(world: World) -> None:
    log(world, "cheaper vs Acmeware")
    log(world, "nicer vs Acmeware")
    assert competitor_meant(log(world, "slower vs Acmewar")) == "Acmeware"


def test_one_tap_names_the_competitor_that_was_meant(world: World) -> None:
    know(world, "Rivalsoft")
    logged = log(world, "cheaper vs Rivalsofft")
    by = world.member("ana")
    assert logged.meant_competitor is not None
    for _ in range(2):
        moved = world.run(use_competitor, logged.item.id, logged.meant_competitor.key, version=1, by=by, at=world.now)
    assert (moved.item.competitor, moved.meant_competitor, moved.item.version) == ("Rivalsoft", None, 2)
    key = world.run(lambda session: session.get_one(VocItem, logged.item.id).competitor_key)
    assert key == "rivalsoft"


def test_a_competitor_that_was_merged_after_the_question_is_what_it_is_called_now(world: World) -> None:
    know(world, "Rivalsoft")
    logged = log(world, "dear !Rivalsfot")
    log(world, "dear !Zenit", "bo")
    merge(world, "!rivalsoft", "!zenit")
    use = {"version": logged.item.version, "by": world.member("ana"), "at": world.now}
    assert world.run(use_competitor, logged.item.id, "rivalsoft", **use).item.competitor == "Zenit"


def test_a_kept_competitor_is_not_asked_about_again(world: World) -> None:
    know(world, "Rivalsoft")
    logged = log(world, "cheaper vs Rivalsofft")
    kept = world.run(keep_competitor, logged.item.id, version=1, by=world.member("ana"), at=world.now)
    assert (kept.item.competitor, kept.meant_competitor) == ("Rivalsofft", None)
    assert competitor_meant(log(world, "nicer vs Rivalsofft", "bo")) is None


def test_an_item_that_was_changed_meanwhile_stays_as_it_is(world: World) -> None:
    know(world, "Rivalsoft")
    log(world, "dear @Northwind")
    logged = log(world, "dearer @Nortwind vs Rivalsofft")
    by = world.member("ana")
    form = VocForm(text="dearer", account="Globex", competitor="Other")
    world.run(edit_item, logged.item.id, form, version=1, by=by, at=world.later(minutes=1))
    with pytest.raises(Changed):
        world.run(use_account, logged.item.id, "northwind", version=1, by=by, at=world.now)
    with pytest.raises(Changed):
        world.run(use_competitor, logged.item.id, "rivalsoft", version=1, by=by, at=world.now)
    for keep in (keep_account, keep_competitor):
        with pytest.raises(Changed):
            world.run(keep, logged.item.id, version=1, by=by, at=world.now)


def test_only_the_author_answers_and_only_with_what_the_workspace_knows(world: World) -> None:
    know(world, "Rivalsoft")
    logged = log(world, "dearer @Nortwind vs Rivalsofft")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear @Northwind vs Zebrasoft", by=stranger, at=world.now)
    with pytest.raises(ItemRefused):
        world.run(use_account, logged.item.id, "northwind", version=1, by=world.member("bo"), at=world.now)
    for use, key in ((use_account, "northwind"), (use_competitor, "zebrasoft")):
        with pytest.raises(NotFound):
            world.run(use, logged.item.id, key, version=1, by=world.member("ana"), at=world.now)
        with pytest.raises(NotFound):
            world.run(use, logged.item.id, key, version=1, by=stranger, at=world.now)
    assert account_meant(log(world, "dear @Northwin")) != "Northwind"
