"""Which lead goes to whom, by clicking: a rule is added, corrected, moved and removed; the file says the same."""

from __future__ import annotations

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from tests.config.test_lists_in_slack import exported, modal, opened
from tests.running import Running

TEAMS = """
[[teams]]
key = "americas"
name = "Americas"
channel = "#marketing"
zone = "UTC"
hours = "24/7"
members = ["{bo}"]
"""
NAMED = """
[[routes]]
name = "Named accounts"
accounts = ["Globex", "initech.com"]
where = ["employees > 500"]
team = "americas"
distribution = "longest"
"""


async def configure(tandem: Running, text: str) -> None:
    assert tandem.program.workspace_id is not None
    places = {"#marketing": tandem.slack.channel("#marketing").id, "{bo}": tandem.slack.member("bo").id}
    for name, slack_id in places.items():
        text = text.replace(name, slack_id)
    await tandem.program.db.run(
        apply_config, tandem.program.workspace_id, parse_config(text), by=None, at=tandem.clock.now()
    )


async def test_a_rule_sends_leads_by_country_and_is_corrected_moved_and_removed(tandem: Running) -> None:
    await configure(tandem, TEAMS)
    rules = await opened(tandem, "Which lead goes to whom", "Set")
    await rules.button("Add a rule").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Over there", "For leads with": "country = US, Canada\nemployees plenty"})
    await form.select("Team", "Americas")
    assert "employees plenty" in (await form.submit())["when"]
    form.fill({"For leads with": "country = US, Canada\nemployees is at least 50", "Person": "ana"})
    assert "no member of the team" in (await form.submit())["person"]
    form.fill({"Person": "bo"})
    assert not await form.submit()
    assert "If country is US or Canada and employees is at least 50\n→ Americas, first @bo" in modal(tandem).text
    told = await exported(tandem)
    assert 'country = ["US", "Canada"]\nwhere = ["employees >= 50"]\nteam = "americas"' in told
    await tandem.lead_arrives(country="United States", employees="50-100")
    await tandem.slack.dm("bo").message(containing="Northwind")

    await modal(tandem).button("Add a rule").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "The rest"})
    assert not await form.submit()
    assert "2. The rest\nIf any lead\n→ Sales" in modal(tandem).text
    await modal(tandem).button("Add a rule").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Fair", "For leads with": "source = fair"})
    assert not await form.submit()
    assert "3. The rest" in modal(tandem).text, "what takes every lead stays last"
    await modal(tandem).button("Change", near="Fair").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "The fair"})
    await form.select("It is asked", "First")
    assert not await form.submit()
    assert "1. The fair" in modal(tandem).text
    await modal(tandem).button("Change", near="The rest").click(by="mia")
    form = modal(tandem)
    await form.select("It is asked", "First")
    assert "has no condition, so it takes every lead" in (await form.submit())["when"]
    await form.button("Remove this rule").click(by="mia")
    assert "The rest” is removed" in modal(tandem).text
    await modal(tandem).button("← All settings").click(by="mia")
    assert "The fair → Sales · Over there → Americas" in modal(tandem).text


async def test_a_rule_of_the_file_is_kept_as_it_was_when_another_one_is_added(tandem: Running) -> None:
    await configure(tandem, TEAMS + NAMED)
    before = await exported(tandem)
    rules = await opened(tandem, "Which lead goes to whom", "Change")
    assert "If the account is Globex or initech.com and employees is more than 500" in rules.text
    await rules.button("Change", near="Named accounts").click(by="mia")
    form = modal(tandem)
    assert form.value("For leads with") == "accounts = Globex, initech.com\nemployees > 500"
    assert not await form.submit()
    assert "Nothing changed" in modal(tandem).text
    assert await exported(tandem) == before
    await modal(tandem).button("Change", near="Named accounts").click(by="mia")
    stale = modal(tandem)
    await configure(tandem, NAMED.replace("> 500", "> 900"))
    await stale.submit()
    assert "This rule was changed" in modal(tandem).text
    assert "employees > 900" in await exported(tandem)
