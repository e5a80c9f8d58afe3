"""What the digests tell: counted, compared and chosen as a reader would check it by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.editions import preview_edition
from digests.excerpts import CHANGE_LIMIT, excerpt_change
from digests.kinds import KINDS
from digests.marketing import MARKETING, THEMES, LeadsWeek, MarketingFacts, ThemeWeek, Verbatim
from digests.periods import week_until
from digests.rendering import render_edition
from digests.sales import SALES, Answer, SalesFacts
from digests.sections import Asked
from digests.told import ToldSum, money_of
from domain.home import load_home
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import contact_lead
from domain.leads.rungs import apply_due_rungs
from domain.money import Money, sums_in_short
from domain.people import ensure_workspace
from domain.personas import Draft, add_persona, edit_persona
from domain.themes import answer_theme, theme_pulse
from handlers.home.views import home_view
from storage.models import Audience, Team, Theme
from tests.digests.conftest import Week
from tests.world import MONDAY_NOON, World

LAST_WEEK = MONDAY_NOON - timedelta(days=10)
THIS_WEEK = MONDAY_NOON - timedelta(days=3)


def marketing(world: World) -> MarketingFacts:
    period = week_until(world.now, "UTC")
    found: MarketingFacts = world.run(
        lambda session: MARKETING.gather(Asked(session, world.workspace_id, period, world.now))
    )
    return found


def sales(world: World) -> SalesFacts:
    found: SalesFacts = world.run(
        lambda session: SALES.gather(Asked(session, world.workspace_id, week_until(world.now, "UTC"), world.now))
    )
    return found


def theme(world: World) -> ThemeWeek:
    return marketing(world).themes[0]


def test_objections_are_counted_by_theme_against_the_week_before(world: World, week: Week) -> None:
    for _ in range(2):
        week.hear("dear", "pricing", at=LAST_WEEK)
    for _ in range(5):
        week.hear("dear", "pricing", at=THIS_WEEK)
    week.hear("no sso", "security", at=THIS_WEEK)
    week.hear("taken back", "pricing", at=THIS_WEEK, state="withdrawn")
    facts = marketing(world)
    assert [(each.theme, each.count, each.change) for each in facts.themes] == [("pricing", 5, 3), ("security", 1, 1)]
    assert (facts.objections, facts.change) == (6, 4)


def test_the_very_first_week_is_compared_with_nothing(world: World, week: Week) -> None:
    week.hear("dear", "pricing", at=THIS_WEEK)
    assert (theme(world).change, marketing(world).change) == (None, None)


def test_the_end_of_the_week_belongs_to_the_next_one(world: World, week: Week) -> None:
    week.hear("at its start", "pricing", at=MONDAY_NOON - timedelta(days=7))
    week.hear("at its end", "pricing", at=MONDAY_NOON)
    assert marketing(world).objections == 1


def test_a_deal_counts_once_for_an_account_however_often_it_is_named(world: World, week: Week) -> None:
    week.hear("dear", "pricing", account="Globex", deal=40_000, at=THIS_WEEK)
    week.hear("still dear", "pricing", account="globex", deal=45_000, at=THIS_WEEK)
    week.hear("dear", "pricing", account="Initech", deal=10_000, at=THIS_WEEK)
    week.hear("dear", "pricing", account="Hooli", deal=20_000, currency="EUR", at=THIS_WEEK)
    week.hear("dear", "pricing", deal=1_000, at=THIS_WEEK)
    found = theme(world)
    assert found.deals == (ToldSum(5_600_000, "USD"), ToldSum(2_000_000, "EUR"))
    assert (found.accounts, found.named) == (3, ("Globex", "Initech", "Hooli"))


def test_the_verbatim_is_the_customers_own_words_of_the_largest_deal(world: World, week: Week) -> None:
    week.hear("rep's words", "pricing", deal=90_000, at=THIS_WEEK)
    week.hear("small", "pricing", deal=1_000, quote="small\nquote", at=THIS_WEEK)
    week.hear("large", "pricing", deal=50_000, quote="large quote", at=THIS_WEEK)
    assert theme(world).verbatim == Verbatim("large quote", quoted=True)


def test_without_a_quote_the_reps_words_are_shown_as_theirs(world: World, week: Week) -> None:
    week.hear("older", "pricing", at=THIS_WEEK)
    week.hear("newer", "pricing", at=THIS_WEEK + timedelta(hours=1))
    assert theme(world).verbatim == Verbatim("newer", quoted=False)


def test_the_reps_who_heard_it_are_named(world: World, week: Week) -> None:
    week.hear("dear", "pricing", by="bo", at=THIS_WEEK)
    week.hear("dear", "pricing", by="bo", at=THIS_WEEK)
    week.hear("dear", "pricing", by="ana", at=THIS_WEEK)
    assert (theme(world).reps, theme(world).heard_by) == (2, ("bo", "ana"))


def test_items_without_a_theme_and_other_kinds_are_told_too(world: World, week: Week) -> None:
    week.hear("odd", at=THIS_WEEK)
    week.hear("great", kind="praise", at=THIS_WEEK)
    week.hear("great", kind="praise", at=LAST_WEEK)
    facts = marketing(world)
    assert facts.untagged is not None
    assert (facts.untagged.theme, facts.untagged.count, facts.untagged.objections) == (None, 2, 1)
    assert [(each.kind, each.count, each.change) for each in facts.others] == [("praise", 1, 0)]


def test_themes_beyond_the_first_are_counted_and_not_told(world: World, week: Week) -> None:
    for number in range(THEMES + 3):
        week.hear("dear", f"theme-{chr(97 + number)}", at=THIS_WEEK)
    facts = marketing(world)
    assert (len(facts.themes), facts.more_themes, facts.more_objections) == (THEMES, 3, 3)


def test_leads_are_told_with_what_became_of_them(world: World, week: Week) -> None:
    in_time, declined, late, _overdue = (world.lead(f"Lead {number}") for number in range(4))
    world.run(contact_lead, in_time, by=world.member("ana"), at=world.later(minutes=1))
    world.run(decline_lead, declined, reason="not_a_fit", note="", by=world.member("bo"), at=world.now)
    world.later(minutes=10)
    world.run(apply_due_rungs, at=world.now)
    world.run(contact_lead, late, by=world.member("ana"), at=world.now)
    world.lead("Fresh")
    world.later(seconds=1)
    assert marketing(world).leads == LeadsWeek(5, None, 1, 1, 1, 1, (("not_a_fit", 1),))


def test_a_lead_that_rests_was_declined_for_a_reason(world: World, week: Week) -> None:
    resting = world.lead("Resting")
    world.run(decline_lead, resting, reason="no_budget", note="", by=world.member("ana"), at=world.now)
    world.later(seconds=1)
    told = marketing(world).leads
    assert told is not None
    assert told.declines == (("no_budget", 1),)


def test_an_approved_answer_is_noted_for_marketing_and_told_to_sales(world: World, week: Week) -> None:
    week.hear("dear", "pricing", at=THIS_WEEK)
    assert not theme(world).answered

    def answer(session: Any, by: Any) -> None:
        found = session.scalars(select(Theme)).one()
        answer_theme(session, found.id, text="Cheaper over 3 years", by=by, at=THIS_WEEK)

    world.run(answer, world.member("max"))
    assert theme(world).answered
    assert sales(world).answers == (Answer("pricing", "Cheaper over 3 years", "max", "internal"),)


def test_sales_reads_content_of_the_last_calendar_week_and_changed_personas(world: World, week: Week) -> None:
    max_ = world.member("max")
    saved = world.run(add_persona, Draft("Ops Olivia", {"pains": "A"}), by=max_, at=LAST_WEEK - timedelta(days=9))
    world.run(
        edit_persona, saved.card.id, Draft("Ops Olivia", {"pains": "B"}, "lost"), version=1, by=max_, at=THIS_WEEK
    )
    week.perform("Guide", date(2026, 11, 9), 142, 6)
    week.perform("Guide", date(2026, 11, 2), 130, 4)
    facts = sales(world)
    assert facts.content_week == date(2026, 11, 9)
    assert facts.content is not None
    assert [each.title for each in facts.content.top] == ["Guide"]
    assert [(change.name, change.whys) for change in facts.personas] == [("Ops Olivia", ("lost",))]


def test_a_week_without_imported_figures_is_not_told_with_older_ones(world: World, week: Week) -> None:
    week.perform("Guide", date(2026, 11, 2), 130, 4)
    assert sales(world).content is None


def test_another_workspace_reads_nothing_of_this_one(world: World, week: Week) -> None:
    week.hear("dear", "pricing", at=THIS_WEEK)
    week.perform("Guide", date(2026, 11, 9), 142, 6)
    other = world.run(ensure_workspace, "T2", name="Elsewhere", at=world.now)
    period = week_until(datetime(2026, 11, 16, 12, tzinfo=UTC), "UTC")
    for kind in KINDS.values():
        assert world.run(lambda session: kind.gather(Asked(session, other, period, world.now))).is_empty  # noqa: B023


def test_a_change_late_in_a_long_text_is_shown_where_it_is() -> None:
    same = "They run forty tools and nobody owns the list of them. " * 6
    before, after = excerpt_change(same + "It takes days.", same + "It takes weeks, and costs deals.")
    assert before.endswith("It takes days.")
    assert after.endswith("It takes weeks, and costs deals.")
    assert before.startswith("… ")
    assert max(len(before), len(after)) <= CHANGE_LIMIT


def test_themes_are_ranked_by_accounts_then_by_items_and_never_by_sums_of_different_currencies(
    world: World, week: Week
) -> None:
    week.hear("dear", "yen", account="Globex", deal=700_000, currency="JPY", at=THIS_WEEK)
    for account in ("Initech", "Hooli"):
        week.hear("slow", "dollars", account=account, deal=250_000, at=THIS_WEEK)
    for _ in range(5):
        week.hear("odd", "loud", at=THIS_WEEK)
    assert [each.theme for each in marketing(world).themes] == ["dollars", "yen", "loud"]


def test_the_currency_of_most_deals_comes_first_whatever_the_numbers(world: World, week: Week) -> None:
    week.hear("dear", "pricing", account="Sony", deal=700_000, currency="JPY", at=THIS_WEEK)
    for account in ("Initech", "Hooli"):
        week.hear("dear", "pricing", account=account, deal=250_000, at=THIS_WEEK)
    found = theme(world)
    assert found.deals == (ToldSum(50_000_000, "USD"), ToldSum(70_000_000, "JPY"))
    pulse = world.run(
        lambda session: theme_pulse(session, world.workspace_id, session.query(Theme).one().id, at=world.now)
    )
    assert pulse.deals == tuple(money_of(found.deals))


def test_where_currencies_differ_no_account_and_no_quote_comes_first_for_its_number(world: World, week: Week) -> None:
    week.hear("small", "pricing", account="Initech", deal=500_000, quote="dollars", at=THIS_WEEK + timedelta(hours=1))
    week.hear("large", "pricing", account="Sony", deal=700_000, currency="JPY", quote="yen", at=THIS_WEEK)
    found = theme(world)
    assert found.verbatim == Verbatim("dollars", quoted=True), "the latest"
    assert found.named == ("Initech", "Sony"), "as they became known"


def test_home_and_digest_count_a_theme_alike_and_say_what_they_count(world: World, week: Week) -> None:
    for kind in ("objection", "objection", "pain_point", "praise"):
        week.hear("dear", "pricing", account="Globex", kind=kind, at=THIS_WEEK)
    week.hear("great", "support", kind="praise", at=THIS_WEEK)
    home = world.run(load_home, world.member("max").id, world.workspace_id, world.now)
    assert home is not None
    told = [(one.theme, one.count, one.objections, one.accounts) for one in marketing(world).themes]
    assert told == [(one.slug, one.items, one.objections, one.accounts) for one in home.themes]
    assert told == [("pricing", 4, 2, 1), ("support", 1, 0, 0)]
    words = json.dumps([render_edition(marketing(world)).blocks, home_view(home, "")["blocks"]])
    assert words.count("4 items, 2 objections") == 2
    assert words.count("1 item, no objection") == 2


def test_a_sum_per_currency_is_shown_and_what_is_left_out_is_said() -> None:
    sums = [Money(100_000, currency) for currency in ("USD", "EUR", "GBP", "JPY", "CHF")]
    assert sums_in_short(sums) == "$1k, €1k, £1k and 2 more currencies"
    assert sums_in_short(sums[:2]) == "$1k, €1k"


def test_a_digest_for_one_team_tells_of_its_people_and_its_leads_only(world: World, week: Week) -> None:
    """Ana and Bo are of the team Sales; Max is not."""
    week.hear("dear", "pricing", by="ana", at=THIS_WEEK)
    week.hear("slow", "speed", by="max", at=THIS_WEEK)
    world.lead()
    world.later(seconds=1)

    def gathered(session: Session) -> tuple[MarketingFacts, MarketingFacts]:
        sales_team = session.scalars(select(Team)).one()
        other = Team(workspace_id=world.workspace_id, key="emea", name="EMEA & <!here>", hours=sales_team.hours)
        other.created_at = world.now
        session.add(other)
        session.flush()
        audience = session.scalars(select(Audience).where(Audience.kind == "marketing")).one()
        found = []
        for team in (sales_team, other):
            audience.team_id = team.id
            facts = preview_edition(session, audience, world.now)
            assert isinstance(facts, MarketingFacts)
            found.append(facts)
        return found[0], found[1]

    own, others = world.run(gathered)
    assert [one.theme for one in own.themes] == ["pricing"]
    assert own.leads is not None
    assert render_edition(own).blocks[0]["text"]["text"] == "Marketing digest for Sales, 9–16 Nov"
    assert others.is_empty
    assert render_edition(others).text.startswith(
        "Marketing digest for EMEA &amp; &lt;!here&gt;, 9–16 Nov: a quiet week"
    )
