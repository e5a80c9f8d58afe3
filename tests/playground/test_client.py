"""The test client reads like a person using Slack, and says clearly what was wrong when a test fails."""

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from tests.playground.tiny_app import TinyApp, button, card, option, plain, section


async def test_a_message_is_waited_for(slack: Playground, client: AsyncWebClient) -> None:
    waiting = asyncio.ensure_future(slack.channel("#leads").message(containing="Northwind"))
    await asyncio.sleep(0)
    await client.chat_postMessage(channel="#leads", text="Northwind is here")
    assert (await waiting).author == "tiny"


async def test_a_missing_message_shows_what_stands_there(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="#leads", text="x", blocks=card("Initech", button("Claim", "claim")))
    with pytest.raises(AssertionError) as caught:
        await slack.channel("#leads").message(containing="Northwind", wait=0.01)
    assert "no message containing 'Northwind' in #leads" in str(caught.value)
    assert "tiny: Initech  ['Claim']" in str(caught.value)


async def test_a_missing_button_shows_those_there_are(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(
        channel="#leads", text="x", blocks=card("N", button("Claim", "claim"), button("Open", "o"))
    )
    with pytest.raises(AssertionError, match=r"there is no button 'Close'; there are: 'Claim', 'Open'"):
        slack.channel("#leads").messages[0].button("Close")


async def test_one_of_two_equal_buttons_is_found_by_what_stands_near(slack: Playground, client: AsyncWebClient) -> None:
    rows = [
        section("Northwind", accessory=button("Open", "open", value="1")),
        section("Initech", accessory=button("Open", "open", value="2")),
    ]
    await client.chat_postMessage(channel="#leads", text="x", blocks=rows)
    message = slack.channel("#leads").messages[0]
    with pytest.raises(AssertionError, match="2 buttons are called 'Open'"):
        message.button("Open")
    assert message.button("Open", near="Initech").value == "2"
    assert message.button("Open", index=0).value == "1"


async def test_somebody_must_act(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="#leads", text="x", blocks=card("N", button("Claim", "claim")))
    with pytest.raises(AssertionError, match="say who acts"):
        await slack.channel("#leads").messages[0].button("Claim").click()


async def test_an_unknown_name_lists_the_known_ones(slack: Playground) -> None:
    with pytest.raises(LookupError, match="no channel '#sales'; there are: #elsewhere, #general, #leads, #secret"):
        slack.channel("#sales")
    with pytest.raises(LookupError, match="no member 'zed'; there are: ana, ben, tiny"):
        slack.dm("zed")


async def test_a_modals_labels_placeholders_and_ids_all_name_a_field(slack: Playground, socket_app: TinyApp) -> None:
    modal = await slack.channel("#general").command("/form", by="ana")
    assert modal.fields == ["Your words", "Reason", "Account"]
    modal.fill(words="by id", your_words="by label")
    assert modal.value("Your words") == "by label"
    with pytest.raises(AssertionError, match=r"there is no option 'Weather'; there are: 'Price', 'Not a fit'"):
        modal.select("Reason", "Weather")


async def test_an_answer_that_is_no_modal_says_so(slack: Playground, socket_app: TinyApp) -> None:
    receipt = await slack.channel("#general").command("/echo hello", by="ana")
    with pytest.raises(AssertionError, match="a message cannot have a title"):
        _ = receipt.title


async def test_no_answer_is_falsy_and_reads_nothing(slack: Playground, socket_app: TinyApp) -> None:
    answer = await slack.channel("#general").command("/echo", by="ana", answer_within=0.01)
    assert not answer
    assert answer.text == ""


async def test_a_change_is_waited_for(slack: Playground, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="one")
    card_ = await slack.channel("#leads").message(containing="one")
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    assert (await card_.changed()).text == "two"
    with pytest.raises(AssertionError, match="was not changed to 'three'"):
        await card_.changed(containing="three", wait=0.01)
    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
    await card_.gone()


async def test_replies_are_read_in_the_thread(slack: Playground, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="card")
    await client.chat_postMessage(channel="#leads", text="noticed", thread_ts=posted["ts"])
    message = await slack.channel("#leads").message(containing="card")
    assert [one.text for one in await message.thread()] == ["noticed"]
    await slack.channel("#leads").post("thanks", by="ana", thread=message)
    assert (await message.reply(containing="thanks")).author == "ana"


async def test_quiet_is_checked(slack: Playground, client: AsyncWebClient) -> None:
    await slack.channel("#leads").stays_quiet(0.01)
    task = asyncio.ensure_future(client.chat_postMessage(channel="#leads", text="noise"))
    with pytest.raises(AssertionError, match="did not stay quiet"):
        await slack.channel("#leads").stays_quiet(1)
    await task


async def test_pings_are_recorded_and_escaped_ones_are_not(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="#leads", text="a lead called &lt;!channel&gt;")
    assert slack.pings == []
    posted = await client.chat_postMessage(channel="#leads", text="x", blocks=[section("<!here>")])
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="x", blocks=[section("<!here> again")])
    assert [one.target for one in slack.pings] == ["here"]


async def test_a_shortcut_is_used_by_its_name(slack: Playground, socket_app: TinyApp) -> None:
    assert (await slack.shortcut("New thing", by="ana")).title == "A form"
    with pytest.raises(AssertionError, match="there is no shortcut 'Old thing'; there are: 'Keep this', 'New thing'"):
        await slack.shortcut("Old thing", by="ana")


async def test_people_channels_and_dates_become_their_values(slack: Playground, client: AsyncWebClient) -> None:
    fields: dict[str, dict[str, Any]] = {
        "who": {"type": "users_select"},
        "all": {"type": "multi_users_select"},
        "where": {"type": "channels_select"},
        "when": {"type": "datepicker"},
        "some": {"type": "checkboxes", "options": [option("A"), option("B")]},
    }
    blocks = [
        {"type": "input", "block_id": name, "label": plain(name), "element": {**element, "action_id": name}}
        for name, element in fields.items()
    ]
    trigger = slack.installation.triggers.issue(slack.member("ana").id)
    view = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": blocks}
    await client.views_open(trigger_id=trigger, view=view)
    modal = slack.modal("ana")
    assert modal is not None
    modal.fill(who="ben", all=["ana", "ben"], where="#leads", when="2025-01-31", some=["B"])
    ana, ben = slack.member("ana").id, slack.member("ben").id
    values = {name: entry[name] for name, entry in modal.view.values.items()}
    assert values["who"]["selected_user"] == ben
    assert values["all"]["selected_users"] == [ana, ben]
    assert values["where"]["selected_channel"] == slack.channel("#leads").id
    assert values["when"]["selected_date"] == "2025-01-31"
    assert modal.value("some") == ["B"]
