"""The demo's company is as believable as promised, and its buttons do what they say."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.demo.almanac import Almanac, almanac_for
from bot.demo.cast import HOME_ZONE, PEOPLE, VIEWER
from bot.demo.opening import Demo, open_demo
from bot.demo.voices import AHEAD, PAST, THIS_WEEK
from playground import Playground
from storage.models import (
    ANSWER_AUDIENCES,
    LEAD_STATES,
    THEME_STATUSES,
    WITH_MARKETING,
    Account,
    Asset,
    AssetFigures,
    Lead,
    Member,
    Persona,
    PersonaVersion,
    Team,
    Theme,
    VocItem,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The demo, open; the tests below use it in the order in which they stand."""
    async with open_demo(tmp_path_factory.mktemp("demo"), 0) as demo:
        yield demo


@pytest.fixture
def slack(demo: Demo) -> Playground:
    slack = demo.stage.slack
    # Nothing here is about speed, and the machine may be busy.
    slack.patience = 15.0
    return slack


async def read(demo: Demo, query: Any) -> Any:
    return await demo.stage.program.db.read(query)


async def press(demo: Demo, label: str, by: str = VIEWER) -> str:
    """Press a button of the page, as the page does; the sentence it shows."""
    slack = demo.stage.slack
    state = await slack.page.state({"as": slack.member(by).id})
    (control,) = (one["id"] for one in state["controls"] if one["label"] == label)
    answer = await slack.page.control({"as": slack.member(by).id, "id": control})
    return str(answer.get("message", ""))


async def test_three_teams_and_a_dozen_members_with_every_role(demo: Demo) -> None:
    teams = await read(demo, lambda session: session.scalar(select(func.count()).where(Team.archived_at.is_(None))))
    roles = Counter(await read(demo, lambda session: session.scalars(select(Member.role)).all()))
    assert teams == 3
    assert sum(roles.values()) >= 12
    assert set(roles) == {"rep", "marketer", "manager", "admin"}


async def test_forty_voc_items_over_five_weeks_all_understood(demo: Demo) -> None:
    items: list[VocItem] = await read(demo, lambda session: session.scalars(select(VocItem)).all())
    assert len(items) == len(PAST) + len(THIS_WEEK) >= 40
    assert max(one.created_at for one in items) - min(one.created_at for one in items) > timedelta(weeks=5)
    assert {one.kind for one in items} == {
        "objection", "pain_point", "feature_gap", "competitor", "praise", "lost_reason", "question"
    }  # fmt: skip
    for item in items:
        assert (item.theme_id is not None) == ("#" in item.line), item.line
        assert (item.account_id is not None) == ("@" in item.line), item.line
        assert (item.quote is not None) == ('"' in item.line), item.line
    accounts = await read(demo, unknown_accounts_of_items)
    assert accounts == []


def unknown_accounts_of_items(session: Session) -> list[str]:
    rows = session.scalars(select(Account.name).join(VocItem, VocItem.account_id == Account.id).where(~Account.known))
    return list(rows)


async def test_marketing_has_worked_on_its_themes_for_weeks(demo: Demo) -> None:
    themes = await read(demo, lambda session: session.scalars(select(Theme)).all())
    assert {one.status for one in themes} == set(THEME_STATUSES)
    assert {one.answer_audience for one in themes if one.answer} == set(ANSWER_AUDIENCES)
    assert len({one.owner_id for one in themes if one.owner_id}) == 2


async def test_leads_in_every_state(demo: Demo) -> None:
    leads: list[Lead] = await read(demo, lambda session: session.scalars(select(Lead)).all())
    # The demo's company has no definition that a lead could fail, and its CRM neither merges contacts nor deletes them;
    # "qualified" comes by a click, as in life.
    assert {lead.state for lead in leads} == set(LEAD_STATES) - {*WITH_MARKETING, "qualified", "joined", "withdrawn"}
    assert any(lead.contacted_at and lead.breached_at for lead in leads), "one was late"
    assert any(lead.reassigns for lead in leads), "one was handed on"
    assert len({lead.decline_reason for lead in leads}) >= 4


async def test_open_leads_stand_at_different_points_of_their_clocks(demo: Demo, slack: Playground) -> None:
    shown = [one.text for one in slack.channel("#leads-emea").messages]
    assert any("Half the time is gone" in text for text in shown)
    assert any("Overdue since" in text for text in shown)
    assert any("Claimed by" in text for text in shown)
    assert "Imogen Clarke" in shown[-1]
    assert "Claim" in slack.channel("#leads-emea").messages[-1].buttons
    closed = slack.channel("#leads-americas").messages[-1]
    assert "the clock starts" in closed.text


async def test_assets_have_figures_and_three_personas_changed(demo: Demo) -> None:
    weeks = await read(
        demo, lambda session: session.scalar(select(func.count(AssetFigures.week.distinct())).join(Asset))
    )
    personas = await read(demo, lambda session: session.scalar(select(func.count(Persona.id))))
    versions = await read(demo, lambda session: session.scalar(select(func.count(PersonaVersion.id))))
    answers = await read(demo, lambda session: session.scalar(select(func.count()).where(Theme.answer.is_not(None))))
    assert (weeks, personas, answers) == (6, 3, 3)
    assert versions > personas


async def test_mondays_digests_stand_in_their_channels_at_nine(demo: Demo, slack: Playground) -> None:
    sales = await slack.channel("#sales").message(containing="Sales digest")
    marketing = await slack.channel("#marketing").message(containing="Marketing digest")
    assert "What a late truck really costs" in sales.text
    assert "CFO Carmen" in sales.text
    assert "#sap-integration" in marketing.text
    posted = datetime.fromtimestamp(float(marketing.record.ts), UTC)
    assert (posted.strftime("%A"), demo.now) == ("Monday", "Tuesday, 10:00")


async def test_the_viewer_is_a_rep_with_open_leads_and_finds_them_at_home(slack: Playground) -> None:
    assert PEOPLE[0].name == VIEWER
    home = await slack.home(VIEWER).open()
    assert "Imogen Clarke" in home.text
    assert "Kari Aalto" in home.text


async def test_the_manager_has_one_breach_to_act_on_and_one_that_ended_well(slack: Playground) -> None:
    ended, waiting = slack.dm("fiona").messages
    assert "Contacted by Tomasz Zieliński" in ended.text
    assert not ended.buttons
    assert "No contact in time" in waiting.text
    assert waiting.buttons


async def test_a_new_lead_arrives_in_its_teams_channel(demo: Demo, slack: Playground) -> None:
    assert "Noor Haddad" in await press(demo, "New lead arrives")
    assert "Stefan Ionescu" in await press(demo, "New lead arrives")
    card = await slack.channel("#leads-emea").message(containing="Noor Haddad")
    assert "Due" in card.text
    await slack.channel("#leads-partners").message(containing="Stefan Ionescu")


async def test_five_minutes_make_a_hot_leads_card_amber(demo: Demo, slack: Playground) -> None:
    said = await press(demo, "Skip ahead 5 minutes")
    card = await slack.channel("#leads-emea").message(containing="Noor Haddad")
    assert "10:05" in said
    assert "Half the time is gone" in card.text


async def test_in_a_skipped_day_everything_comes_at_its_own_time(demo: Demo, slack: Playground) -> None:
    await press(demo, "Skip ahead 1 day")
    pings = [one for one in slack.dm("fiona").messages if "Imogen Clarke" in one.text or "Noor Haddad" in one.text]
    london = ZoneInfo(HOME_ZONE)
    times = [datetime.fromtimestamp(float(one.record.ts), london).strftime("%H:%M") for one in pings]
    assert times[0] == "10:08"
    assert all(name in pings[0].text for name in ("Imogen Clarke", "Noor Haddad")), "the second came two minutes later"
    state = await read(demo, lambda session: session.scalar(select(Lead.state).where(Lead.name == "Deniz Arslan")))
    assert state == "contacted", "the colleagues work too"


async def test_the_next_digests_tell_of_the_week_that_was_skipped(demo: Demo, slack: Playground) -> None:
    said = await press(demo, "Skip to Monday’s digests")
    assert "Monday" in said
    assert "#sales and #marketing" in said
    marketing = await slack.channel("#marketing").message(containing="Marketing digest")
    assert "I need my CFO to stop asking" in marketing.text
    sales = await slack.channel("#sales").message(containing="Sales digest")
    assert "Payback calculator" in sales.text
    items = await read(demo, lambda session: session.scalar(select(func.count(VocItem.id))))
    assert items == len(PAST) + len(THIS_WEEK) + len(AHEAD)


async def test_slack_refused_nothing_and_nobody_was_pinged(slack: Playground) -> None:
    assert slack.refusals == []
    assert slack.pings == []
    assert slack.notices == []


async def test_a_week_with_a_holiday_on_its_monday_or_tuesday_is_not_played() -> None:
    assert almanac_for(date(2026, 11, 19)) == Almanac(date(2026, 11, 16))
    # Memorial Day in the United States and the Spring bank holiday in England; the week before is free.
    assert almanac_for(date(2026, 5, 27)) == Almanac(date(2026, 5, 18))


async def test_wall_times_are_londons_also_in_summer() -> None:
    assert Almanac(date(2026, 7, 6)).at(1, "10:00") == datetime(2026, 7, 7, 9, 0, tzinfo=UTC)
    assert Almanac(date(2026, 11, 2)).at(0, "10:00", weeks=2) == datetime(2026, 10, 19, 9, 0, tzinfo=UTC)


async def test_who_comes_a_second_time_is_said_to(demo: Demo) -> None:
    """The last of all tests here: it lets everybody arrive."""
    first = [await press(demo, "New lead arrives") for _ in range(12)]
    assert len({sentence.partition(" of ")[0] for sentence in first}) == 12
    again = await press(demo, "New lead arrives")
    assert "was here before and asks again" in again
