"""What people do reaches a real Bolt app, over Socket Mode and over signed HTTP alike, and its answers reach them."""

from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from tests.playground.tiny_app import TinyApp, button, card, option, section


async def test_a_command_is_answered_by_its_acknowledgement(slack: Playground, app: TinyApp) -> None:
    receipt = await slack.channel("#general").command("/echo too expensive", by="ana")
    assert receipt.text == "too expensive"
    assert slack.channel("#general").ephemerals("ben") == []


async def test_a_button_changes_its_card_and_a_second_click_gets_a_receipt(
    slack: Playground, app: TinyApp, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(
        channel="#leads", text="x", blocks=card("*Northwind* wants a call", button("Claim", "claim"))
    )
    found = await slack.channel("#leads").message(containing="Northwind wants")
    assert not await found.button("Claim").click(by="ana")
    assert found.text == "claimed by @ana"
    assert slack.refusals == []


async def test_a_modal_opens_and_is_submitted(slack: Playground, app: TinyApp) -> None:
    modal = await slack.channel("#general").command("/form", by="ana")
    assert modal.title == "A form"
    modal.fill({"Your words": "fine", "Reason": "Not a fit"})
    assert await modal.submit() == {}
    body = app.bodies("view_submission")[0]
    values = body["view"]["state"]["values"]
    assert values["words"]["words"] == {"type": "plain_text_input", "value": "fine"}
    assert values["reason"]["reason"]["selected_option"]["value"] == "not a fit"
    assert slack.modal("ana") is None


async def test_home_is_published_when_it_is_opened(slack: Playground, app: TinyApp) -> None:
    home = await slack.home("ana").open()
    assert "Hello @ana" in home.text
    modal = await home.button("Open").click()
    assert modal.title == "A form"


async def test_a_menu_in_a_message_sends_the_chosen_option(
    slack: Playground, app: TinyApp, client: AsyncWebClient
) -> None:
    menu = {
        "type": "static_select",
        "action_id": "snooze",
        "placeholder": {"type": "plain_text", "text": "Snooze"},
        "options": [option("10 min"), option("1 hour")],
    }
    await client.chat_postMessage(channel="#leads", text="x", blocks=[section("Due", accessory=menu)])
    found = await slack.channel("#leads").message(containing="Due")
    receipt = await found.select("Snooze", "10 min", by="ben")
    assert receipt.text == "snoozed 10 min"


async def test_an_external_menu_asks_the_app(slack: Playground, app: TinyApp) -> None:
    modal = await slack.channel("#general").command("/form", by="ana")
    assert await modal.options("Account", query="Glo") == ["Globex"]


async def test_a_message_shortcut_carries_the_message(slack: Playground, app: TinyApp) -> None:
    said = await slack.channel("#general").post("a <b> & c", by="ben")
    receipt = await said.shortcut("Keep this", by="ana")
    assert receipt.text == "kept: a <b> & c"
