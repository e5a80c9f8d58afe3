"""A line without a hashtag is no dead end: it is filed under the theme that it is about, or the rep is asked once."""

import pytest
from sqlalchemy import select

from domain.errors import Changed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.themes import answer_theme, find_theme
from domain.voc.declining import decline_theme
from domain.voc.errors import ItemRefused
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_form, log_line
from domain.voc.name_slips import use_theme
from domain.voc.receipt import VocReceipt
from handlers.voc.views import receipt_blocks
from storage.models import AuditEvent, Theme, VocItem
from tests.voc.conftest import Desk
from tests.world import World

SURE = "way too expensive, they want a discount"
MAYBE = "the fees came up"


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def decline(world: World, logged: VocReceipt, *, version: int = 1, who: str = "ana") -> VocReceipt:
    by = world.member(who)
    return world.run(decline_theme, logged.item.id, version=version, by=by, at=world.later(minutes=1))


def use(world: World, logged: VocReceipt, slug: str, *, version: int = 1) -> VocReceipt:
    by = world.member("ana")
    return world.run(use_theme, logged.item.id, slug, version=version, by=by, at=world.later(minutes=1))


def edit(world: World, logged: VocReceipt, *, version: int = 1, **fields: str | None) -> VocReceipt:
    form = VocForm(**{"text": logged.item.verbatim, "theme": logged.item.theme, **fields})  # type: ignore[arg-type]
    by = world.member("ana")
    return world.run(edit_item, logged.item.id, form, version=version, by=by, at=world.later(minutes=1))


def stored(world: World, logged: VocReceipt) -> tuple[int | None, str | None]:
    item = world.run(lambda session: session.get_one(VocItem, logged.item.id))
    return item.theme_id, item.theme_by


def themes(world: World) -> list[str]:
    return world.run(lambda session: list(session.scalars(select(Theme.slug).order_by(Theme.id))))


def test_what_surely_is_about_a_theme_is_filed_under_it(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, SURE)
    assert (logged.item.theme, logged.item.theme_by, logged.sounds) == ("pricing", "rule", None)
    assert logged.echo is not None
    assert (logged.echo.about, logged.echo.pulse.count) == ("theme", 2)
    assert "Filed under #pricing" in str(receipt_blocks(logged, "logged"))


def test_what_may_be_about_a_theme_is_asked_about_with_the_answer(world: World) -> None:
    log(world, "dear #pricing")
    theme = world.run(find_theme, world.workspace_id, "pricing")
    assert theme is not None
    world.run(answer_theme, theme.id, text="Say: value <3.", by=world.member("max"), at=world.now)
    logged = log(world, MAYBE)
    assert logged.item.theme is None
    assert logged.sounds is not None
    assert logged.sounds.slug == "pricing"
    shown = str(receipt_blocks(logged, "logged"))
    assert "Sounds like #pricing" in shown
    assert "Say: value &lt;3." in shown


def test_a_theme_of_another_name_is_known_by_its_meaning(world: World) -> None:
    log(world, "slow start #rollout-time")
    logged = log(world, "they say the rollout takes far too long")
    assert "rollout-time" in (logged.item.theme, logged.sounds.slug if logged.sounds else None)


def test_no_theme_is_made_by_a_guess(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "they have no budget left this year")
    assert (logged.item.theme, logged.sounds, logged.item.theme_by) == (None, None, None)
    assert themes(world) == ["pricing"]


def test_what_is_denied_is_not_the_theme(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, "price was not the issue at all")
    assert (logged.item.theme, logged.sounds) == (None, None)


def test_praise_is_left_alone(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, f"praise: {SURE}")
    assert (logged.item.theme, logged.sounds) == (None, None)


def test_a_hashtag_outranks_the_words(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, f"{SURE} #budget")
    assert (logged.item.theme, logged.item.theme_by) == ("budget", "typed")


def test_a_form_without_a_theme_is_filed_too(world: World) -> None:
    log(world, "dear #pricing")
    form, by = VocForm(text=SURE), world.member("ana")
    logged = world.run(log_form, form, origin="form", permalink=None, by=by, at=world.later(minutes=1))
    assert (logged.item.theme, logged.item.theme_by) == ("pricing", "rule")


def test_use_it_moves_the_item_and_is_remembered_as_a_persons_word(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, MAYBE)
    used = use(world, logged, "pricing")
    assert (used.item.theme, used.item.theme_by, used.sounds) == ("pricing", "confirmed", None)
    assert "Filed under" not in str(receipt_blocks(used, "updated"))


def test_no_is_remembered_for_the_item(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, MAYBE)
    declined = decline(world, logged)
    assert (declined.item.theme, declined.sounds) == (None, None)
    assert stored(world, logged) == (None, "declined")
    assert edit(world, declined, version=2, text=f"{MAYBE}, again").sounds is None


def test_what_was_filed_is_taken_back_by_one_tap(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, SURE)
    declined = decline(world, logged)
    assert (declined.item.theme, declined.sounds) == (None, None)
    again = decline(world, logged)
    assert again.item.version == declined.item.version
    actions = world.run(lambda session: list(session.scalars(select(AuditEvent.action))))
    assert actions.count("voc.theme_declined") == 1


@pytest.mark.parametrize(("theme", "by"), [("pricing", "confirmed"), ("budget", "typed"), (None, "declined")])
def test_a_form_that_a_person_saves_decides(world: World, theme: str | None, by: str) -> None:
    log(world, "dear #pricing")
    edited = edit(world, log(world, SURE), theme=theme)
    assert (edited.item.theme, edited.item.theme_by, edited.sounds) == (theme, by, None)


def test_a_persons_theme_is_not_declined_by_an_old_receipt(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, SURE)
    edit(world, logged, theme="budget")
    with pytest.raises(Changed):
        decline(world, logged)


def test_only_who_may_change_the_item_says_no(world: World) -> None:
    log(world, "dear #pricing")
    logged = log(world, SURE)
    with pytest.raises(ItemRefused):
        decline(world, logged, who="bo")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    with pytest.raises(NotFound):
        world.run(decline_theme, logged.item.id, version=1, by=stranger, at=world.now)


def test_themes_of_another_workspace_are_not_heard(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #pricing", by=stranger, at=world.now)
    logged = log(world, SURE)
    assert (logged.item.theme, logged.sounds) == (None, None)


def test_what_people_said_before_teaches(world: World) -> None:
    for line in ("the parrot screams at night", "parrot screams again", "their parrot bites and screams"):
        log(world, f"{line} #birds")
    log(world, "the hamster is fat #rodents")
    world.later(minutes=6)
    logged = log(world, "that parrot screams all night")
    assert "birds" in (logged.item.theme, logged.sounds.slug if logged.sounds else None)


def test_what_words_filed_teaches_nothing(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "the zeppelin is far too expensive")
    world.later(minutes=6)
    logged = log(world, "the zeppelin landed")
    assert (logged.item.theme, logged.sounds) == (None, None)


async def test_a_rep_is_asked_and_takes_the_theme_by_one_tap(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    desk.later(minutes=5)
    receipt = await desk.voc(MAYBE)
    assert "Sounds like #pricing" in receipt.text
    assert receipt.buttons[:2] == ["Use it", "No"]
    await receipt.button("Use it").click(by="ana")
    await receipt.changed(containing="#pricing: 2nd time in 30 days")
    assert [item.theme_by for item in await desk.items()] == ["typed", "confirmed"]


async def test_a_rep_says_no_and_is_not_asked_again(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    receipt = await desk.voc(MAYBE)
    await receipt.button("No").click(by="ana")
    await receipt.changed()
    assert "Sounds like" not in receipt.text
    assert receipt.buttons == ["Edit", "Undo", "Add quote"]
    assert [item.theme_by for item in await desk.items()] == ["typed", "declined"]


async def test_a_rep_sees_what_was_filed_and_takes_it_back(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    receipt = await desk.voc(SURE)
    assert "Filed under #pricing" in receipt.text
    assert receipt.buttons[:2] == ["Change", "Not #pricing"]
    await receipt.button("Not #pricing").click(by="ana")
    await receipt.changed()
    assert "Filed under" not in receipt.text
    assert [item.theme_by for item in await desk.items()] == ["typed", "declined"]


async def test_a_rep_changes_what_was_filed_in_the_form(desk: Desk) -> None:
    await desk.voc("too dear #pricing", by="bo")
    await desk.voc("no money #budget", by="bo")
    receipt = await desk.voc(SURE)
    form = await receipt.button("Change").click(by="ana")
    assert form.value("Theme") == "#pricing"
    await form.select("Theme", "budget")
    assert not await form.submit()
    await receipt.changed(containing="#budget")
    assert [item.theme_by for item in await desk.items()] == ["typed", "typed", "typed"]
