"""What reps type in lines and forms, from the text to what is stored: colleagues, doubtful sums, words beside sums."""

import pytest
from sqlalchemy import select

from domain.errors import FieldProblems
from domain.people import Profile, sync_members
from domain.voc.facts import VocFacts
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_form, log_line
from domain.voc.receipt import VocReceipt
from storage.models import Account, VocItem, Workspace
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def fill(world: World, form: VocForm) -> VocFacts:
    by = world.member("ana")
    return world.run(log_form, form, origin="form", permalink=None, by=by, at=world.later(minutes=1)).item


def accounts(world: World) -> list[str]:
    return world.run(lambda session: list(session.scalars(select(Account.name).order_by(Account.id))))


def hire(world: World, name: str) -> None:
    profile = Profile("U-NEW", name, None, "UTC", is_admin=False, is_owner=False, active=True, is_bot=False)
    world.run(sync_members, world.workspace_id, [profile], world.now)


@pytest.mark.parametrize("typed", ["@Léa", "@lea", "@Léa Martin", "@LEA MARTIN"])
def test_a_colleague_is_no_account(world: World, typed: str) -> None:
    hire(world, "Léa Martin")
    logged = log(world, f"{typed} heard this too, no SSO @Globex")
    assert (logged.item.account, accounts(world)) == ("Globex", ["Globex"])
    assert logged.item.verbatim == f"{typed} heard this too, no SSO"


def test_an_account_that_somebody_confirmed_may_have_a_colleagues_name(world: World) -> None:
    hire(world, "Ford Prefect")
    log(world, "dear @Ford")
    assert accounts(world) == []
    world.run(
        lambda session: session.add(
            Account(
                workspace_id=world.workspace_id, name="Ford", slug="ford", keyed=True, known=True, created_at=world.now
            )
        )
    )
    assert log(world, "dear @Ford").item.account == "Ford"


def test_a_receipt_tells_of_a_colleague_and_of_money_that_was_not_taken(world: World) -> None:
    hire(world, "Ford Prefect")
    logged = log(world, "@Ford says they pay $30k")
    assert (logged.line.colleague, logged.line.amounts) == ("Ford", ("$30k",))


def test_what_is_typed_with_a_sum_is_kept_with_it(world: World) -> None:
    item = log(world, "dear @Globex £12k/yr").item
    assert (str(item.deal), item.deal_typed) == ("£12,000", "£12k/yr")
    assert log(world, "dear @Globex £12k").item.deal_typed is None


@pytest.mark.parametrize(
    ("line", "doubtful"),
    [
        ("dear $999,999,999,999", True),
        ("dear $50m", False),
        ("dear $51m", True),
        ("dear ¥60,000,000", False),
        ("dear $40k", False),
    ],
)
def test_an_implausible_sum_is_saved_and_doubted(world: World, line: str, doubtful: bool) -> None:
    item = log(world, line).item
    assert item.deal is not None
    assert item.is_deal_doubtful is doubtful


def test_a_forms_text_is_read_for_what_its_fields_leave_open(world: World) -> None:
    item = fill(world, VocForm(text="gap: no SSO #sso @Globex $40k", kind="objection", theme="login"))
    assert (item.theme, item.account, str(item.deal), item.kind) == ("login", "Globex", "$40,000", "feature_gap")
    assert item.verbatim == "no SSO #sso"


def test_a_forms_text_of_marks_alone_is_a_field_error(world: World) -> None:
    with pytest.raises(FieldProblems) as caught:
        fill(world, VocForm(text="#sso @Globex", kind="objection", deal="$40k"))
    assert list(caught.value.problems) == ["text"]


def test_an_edited_text_is_read_for_what_was_open_and_is(world: World) -> None:
    logged = log(world, "no SSO @Globex").item
    form = VocForm(text="no SSO, they say @Initech #sso", account_id=logged.account_id)
    item = world.run(edit_item, logged.id, form, version=1, by=world.member("ana"), at=world.now).item
    assert (item.theme, item.account, item.verbatim) == ("sso", "Globex", "no SSO, they say @Initech")


def test_what_an_editor_took_out_is_not_read_into_it_again(world: World) -> None:
    world.run(lambda session: setattr(session.get_one(Workspace, world.workspace_id), "competitors", ["Rivalsoft"]))
    logged = log(world, "dearer than Rivalsoft").item
    assert logged.competitor == "Rivalsoft"
    form = VocForm(text="much dearer than Rivalsoft")
    item = world.run(edit_item, logged.id, form, version=1, by=world.member("ana"), at=world.now).item
    assert item.competitor is None


def test_an_edited_item_keeps_what_was_typed_with_its_sum(world: World) -> None:
    logged = log(world, "dear @Globex £12k/yr").item
    form = VocForm(text=logged.verbatim, account_id=logged.account_id, deal="£12k/yr")
    item = world.run(edit_item, logged.id, form, version=1, by=world.member("ana"), at=world.now).item
    assert (str(item.deal), item.deal_typed) == ("£12,000", "£12k/yr")


def test_the_line_is_stored_as_it_was_typed(world: World) -> None:
    typed = "lost at @Globex | #sso | ~$40k, cc @bo 🔥"
    item_id = log(world, typed).item.id
    assert world.run(lambda session: session.get_one(VocItem, item_id).line) == typed
