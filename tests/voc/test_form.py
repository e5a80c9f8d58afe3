"""Deal sizes and quotes as forms take them; what the selects offer."""

import pytest

from domain.errors import FieldProblems
from domain.money import Money
from domain.voc.form import VocForm, check_form
from domain.voc.items import log_line
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes
from storage.models import Account, Workspace
from tests.world import World


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("$40k", "$40,000"),
        ("40000", "$40,000"),
        ("1.2m", "$1,200,000"),
        ("€40.000", "€40,000"),
        ("40,000 CHF", "CHF 40,000"),
        ("1,250.50 USD", "$1,250.50"),
    ],
)
def test_a_deal_size_may_leave_out_its_currency(typed: str, read: str) -> None:
    assert str(check_form(VocForm(text="x", deal=typed), currency="USD").deal) == read


@pytest.mark.parametrize("typed", ["a lot", "-5", "$5k-10k", "$0", "40k per month", "99999999999999"])
def test_what_is_no_single_amount_is_a_field_error(typed: str) -> None:
    with pytest.raises(FieldProblems) as problems:
        check_form(VocForm(text="x", deal=typed), currency="USD")
    assert list(problems.value.problems) == ["deal"]


@pytest.mark.parametrize(
    ("minor", "short"),
    [(95_000, "$950"), (100_000, "$1k"), (8_450_000, "$84.5k"), (99_999_900, "$1m"), (125_000_000, "$1.25m")],
)
def test_money_is_short_where_it_is_read_in_passing(minor: int, short: str) -> None:
    assert Money(minor, "USD").short() == short


def test_accounts_that_the_rep_logged_last_come_first(world: World) -> None:
    ana = world.member("ana")

    def add(session: object) -> None:
        for name in ("Zeta", "Acme"):
            session.add(  # type: ignore[attr-defined]
                Account(workspace_id=world.workspace_id, name=name, slug=name.lower(), known=True, created_at=world.now)
            )

    world.run(add)
    world.run(log_line, "dear @Globex", by=ana, at=world.now)
    found = world.run(suggest_accounts, "", by=ana, at=world.now)
    assert [name for _, name in found.accounts] == ["Globex", "Acme", "Zeta"]
    assert found.new is None


@pytest.mark.parametrize(("typed", "new"), [("glob", "glob"), ("Globex GmbH", None), ("\x00", None), ("@Ini", "Ini")])
def test_a_typed_account_is_offered_unless_it_is_known(world: World, typed: str, new: str | None) -> None:
    world.run(log_line, "dear @Globex", by=world.member("ana"), at=world.now)
    assert world.run(suggest_accounts, typed, by=world.member("bo"), at=world.now).new == new


def test_competitors_are_the_known_and_the_heard(world: World) -> None:
    world.run(lambda session: setattr(session.get_one(Workspace, world.workspace_id), "competitors", ["Rivalsoft"]))
    world.run(log_line, "cheaper vs Bigcorp", by=world.member("ana"), at=world.now)
    found = world.run(suggest_competitors, "", by=world.member("bo"), at=world.now)
    assert found.names == ("Rivalsoft", "Bigcorp")
    assert world.run(suggest_competitors, "rivalsoft", by=world.member("bo"), at=world.now).new is None


def test_a_theme_is_offered_under_the_slug_that_it_will_get(world: World) -> None:
    world.run(log_line, "dear #pricing", by=world.member("ana"), at=world.now)
    assert world.run(suggest_themes, "Price Model", by=world.member("bo"), at=world.now).new == "price-model"
    assert world.run(suggest_themes, "#Pricing", by=world.member("bo"), at=world.now).new is None


@pytest.mark.parametrize(
    ("account", "competitor", "read"),
    [
        ("@Globex", "!Rivalsoft", ("Globex", "Rivalsoft")),
        ('@"Initech Systems"', '! "Rival Soft"', ("Initech Systems", "Rival Soft")),
        ("＠Globex", "！Rivalsoft", ("Globex", "Rivalsoft")),
        ("Globex@Home", "Yahoo!", ("Globex@Home", "Yahoo!")),
        ("@", "!!!", (None, None)),
    ],
)
def test_a_name_has_no_mark_of_a_line(account: str, competitor: str, read: tuple[str | None, str | None]) -> None:
    fields = check_form(VocForm(text="x", account=account, competitor=competitor), currency="USD")
    assert (fields.account, fields.competitor) == read


def test_a_competitor_may_be_looked_for_with_its_mark(world: World) -> None:
    found = world.run(suggest_competitors, "!Zenit", by=world.member("ana"), at=world.now)
    assert found.new == "Zenit"
