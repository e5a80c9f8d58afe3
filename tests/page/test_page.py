"""The playground's page, driven in a real browser against the real playground and a real Bolt app."""

import pytest
from playwright.async_api import BrowserContext, Locator, Page, WebSocketRoute, expect

from playground import Playground
from tests.page.bot_of_the_page import BotOfThePage, lead_card, menus, section
from tests.page.conftest import THURSDAY, OpenPage, WorkspaceClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message-list").get_by_test_id("message").filter(has_text=text)


def composer(page: Page, channel: str = "#leads") -> Locator:
    return page.get_by_role("textbox", name=f"Message {channel}")


async def act_as(page: Page, name: str) -> None:
    await page.get_by_role("combobox", name="Act as").click()
    await page.get_by_role("option", name=name).click()
    await expect(page.get_by_test_id("act-as")).to_contain_text(name)


async def test_what_one_person_posts_another_sees_at_once(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await composer(ana).fill("They want *SSO* & SAML <soon>")
    await composer(ana).press("Enter")
    for page in (ana, ben):
        await expect(message(page, "They want SSO & SAML <soon>")).to_have_count(1)
    await expect(message(ben, "They want")).to_contain_text("Ana Ruiz")
    await expect(composer(ana)).to_have_value("")


async def test_shift_enter_makes_a_new_line_and_enter_sends(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await composer(page).press_sequentially("one")
    await composer(page).press("Shift+Enter")
    await composer(page).press_sequentially("two")
    await expect(composer(page)).to_have_value("one\ntwo")
    await composer(page).press("Enter")
    await expect(message(page, "one")).to_contain_text("two")


async def test_a_post_that_fails_says_so_and_keeps_the_words(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await page.route("**/page/post", lambda route: route.abort())
    await composer(page).fill("do not lose me")
    await composer(page).press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
    await expect(composer(page)).to_have_value("do not lose me")
    await expect(message(page, "do not lose me")).to_have_count(0)


async def test_slash_commands_complete_by_keyboard_and_answer_in_private(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await composer(ana).press_sequentially("/")
    await expect(ana.get_by_role("option")).to_have_count(3)
    await expect(ana.get_by_role("option").first).to_contain_text("[words]")
    await composer(ana).press("ArrowDown")
    await expect(ana.locator(".option.is-active")).to_contain_text("/voc")
    await composer(ana).press("ArrowUp")
    await composer(ana).press("Tab")
    await expect(composer(ana)).to_have_value("/echo ")
    await composer(ana).press_sequentially("too dear")
    await composer(ana).press("Enter")
    answer = message(ana, "You said: too dear")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(message(ben, "You said")).to_have_count(0)
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_escape_withdraws_the_completion_and_keeps_the_words(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await composer(page).press_sequentially("/ec")
    suggestions = page.get_by_test_id("composer").get_by_test_id("completion")
    await expect(suggestions).to_be_visible()
    await composer(page).press("Escape")
    await expect(suggestions).to_be_hidden()
    await expect(composer(page)).to_have_value("/ec")


async def test_an_unknown_command_is_explained(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await composer(page).fill("/nope please")
    await composer(page).press("Enter")
    await expect(message(page, "/nope is not a valid command")).to_contain_text("Only visible to you")
    await expect(composer(page)).to_have_value("/nope please")


async def test_a_command_without_an_answer_is_reported_and_given_back(open_page: OpenPage, slack: Playground) -> None:
    page = await open_page("ana")
    slack.delivery.ack_within = 0.2
    await composer(page).fill("/deaf now")
    await composer(page).press("Enter")
    await expect(message(page, "/deaf failed with the error")).to_have_count(1)
    await expect(composer(page)).to_have_value("/deaf now")
    await expect(page.get_by_test_id("toast")).to_have_count(0)


async def test_a_button_edits_its_card_in_place_and_keeps_the_focus(
    open_page: OpenPage, bot: BotOfThePage, slack: Playground
) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    leads = slack.workspace.channel("#leads").id
    await bot.client.chat_postMessage(channel=leads, text="lead", blocks=lead_card("*Northwind* is waiting", "Claim"))
    await expect(message(ana, "Northwind is waiting")).to_contain_text("APP")
    await message(ana, "Northwind").get_by_role("button", name="Claim").press("Enter")
    for page in (ana, ben):
        await expect(message(page, "Claimed by @Ana Ruiz")).to_have_count(1)
    await expect(message(ana, "Northwind")).to_have_count(0)
    await expect(message(ana, "Claimed").get_by_role("button", name="Release")).to_be_focused()


async def test_a_modal_shows_errors_at_their_fields_and_keeps_what_was_entered(
    open_page: OpenPage, bot: BotOfThePage
) -> None:
    page = await open_page("ana")
    await composer(page).fill("/voc")
    await composer(page).press("Enter")
    modal = page.get_by_role("dialog", name="Log what you heard")
    words = modal.get_by_role("textbox", name="Their words")
    await expect(words).to_be_focused()
    await modal.get_by_role("combobox", name="Kind").click()
    await page.get_by_role("option", name="Pain point").click()
    await words.fill("bad")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_role("alert")).to_have_text("Please write a whole sentence.")
    await expect(words).to_be_focused()
    await expect(words).to_have_value("bad")
    await expect(words).to_have_attribute("aria-invalid", "true")
    await expect(modal.get_by_role("combobox", name="Kind")).to_contain_text("Pain point")
    await words.fill("We lose two days per shipment")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal).to_be_hidden()
    await expect(composer(page)).to_be_focused()
    assert bot.saved[0]["kind"]["kind"]["selected_option"]["value"] == "pain point"
    assert bot.saved[0]["words"]["words"]["value"] == "We lose two days per shipment"


async def test_a_required_field_left_empty_never_reaches_the_app(open_page: OpenPage, bot: BotOfThePage) -> None:
    page = await open_page("ana")
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Log a quote").click()
    modal = page.get_by_role("dialog", name="Log what you heard")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_role("alert")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(modal).to_be_hidden()
    assert bot.saved == []


async def test_an_external_select_asks_the_app_as_one_types(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await composer(page).fill("/voc")
    await composer(page).press("Enter")
    account = page.get_by_role("dialog").get_by_role("combobox", name="Account")
    await account.click()
    await expect(page.get_by_role("listbox")).to_contain_text("Type 2 characters")
    await page.keyboard.type("nor")
    await expect(page.get_by_role("option")).to_have_text(["Northwind Traders"])
    await page.keyboard.press("Enter")
    await expect(account).to_contain_text("Northwind Traders")
    await expect(account).to_be_focused()


async def test_menus_and_boxes_in_a_message_report_what_was_chosen(
    open_page: OpenPage, bot: BotOfThePage, slack: Playground
) -> None:
    await bot.client.chat_postMessage(channel=slack.workspace.channel("#leads").id, text="x", blocks=menus())
    page = await open_page("ana")
    card = message(page, "Choose")
    await card.get_by_role("combobox", name="Themes").click()
    for theme in ("SSO", "Pricing"):
        async with page.expect_response("**/page/action"):
            await page.get_by_role("option", name=theme).click()
    await page.keyboard.press("Escape")
    await expect(card.get_by_role("button", name="Remove SSO")).to_be_visible()
    async with page.expect_response("**/page/action"):
        await card.get_by_role("checkbox", name="Pricing").check()
    await card.get_by_role("button", name="More options").click()
    async with page.expect_response("**/page/action"):
        await page.get_by_role("menuitem", name="SSO").click()
    sure = page.get_by_role("alertdialog", name="Drop it?")
    await card.get_by_role("button", name="Drop it").click()
    await sure.get_by_role("button", name="Keep").click()
    await card.get_by_role("button", name="Drop it").click()
    async with page.expect_response("**/page/action"):
        await sure.get_by_role("button", name="Drop").click()
    chosen = [[one["value"] for one in action.get("selected_options", [])] for action in bot.actions]
    assert [action["action_id"] for action in bot.actions] == ["themes", "themes", "flags", "more", "drop"]
    assert chosen == [["sso"], ["sso", "pricing"], ["pricing"], [], []]
    assert bot.actions[3]["selected_option"]["value"] == "sso"


async def test_two_tabs_can_be_two_people(open_page: OpenPage, context: BrowserContext) -> None:
    ana, other = await open_page("ana"), await open_page("ana")
    await act_as(other, "Ben Cole")
    await composer(other).fill("Ben here")
    await composer(other).press("Enter")
    await expect(message(ana, "Ben here")).to_contain_text("Ben Cole")
    await other.reload()
    await expect(other.get_by_test_id("act-as")).to_contain_text("Ben Cole")
    await expect(ana.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")


async def test_the_first_visit_needs_no_name(slack: Playground, context: BrowserContext, bot: BotOfThePage) -> None:
    page = await context.new_page()
    await page.goto(slack.page_url)
    await expect(page.get_by_test_id("act-as")).to_contain_text("Ana Ruiz")
    await expect(page).to_have_title("#leads · Brightside Playground")


async def test_unread_messages_are_counted_until_they_are_read(open_page: OpenPage, slack: Playground) -> None:
    page = await open_page("ana", "#wins")
    leads = page.locator(f'[data-channel="{slack.workspace.channel("#leads").id}"]')
    for words in ("first", "second"):
        await slack.channel("#leads").post(words, by="ben")
    await expect(leads.get_by_label("2 unread")).to_be_visible()
    await leads.click()
    await expect(message(page, "second")).to_be_visible()
    await expect(page.get_by_test_id("message-list").get_by_text("New", exact=True)).to_be_visible()
    await expect(leads.get_by_label("unread")).to_have_count(0)


async def test_replies_stand_in_the_thread_and_are_counted_below_the_message(
    open_page: OpenPage, slack: Playground
) -> None:
    await slack.channel("#leads").post("Who takes Northwind?", by="ben")
    page = await open_page("ana")
    await message(page, "Who takes").hover()
    await message(page, "Who takes").get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_test_id("thread")
    reply = thread.get_by_role("textbox", name="Reply")
    await expect(reply).to_be_focused()
    await reply.fill("I do")
    await reply.press("Enter")
    await expect(thread.get_by_test_id("message")).to_contain_text(["Who takes Northwind?", "I do"])
    await expect(message(page, "Who takes").get_by_test_id("replies")).to_contain_text("1 reply")
    await expect(message(page, "I do")).to_have_count(0)
    await reply.fill("/voc")
    await reply.press("Enter")
    await expect(thread.get_by_text("is not supported in threads")).to_be_visible()


async def test_a_message_shortcut_takes_the_message_along(open_page: OpenPage, slack: Playground) -> None:
    await slack.channel("#leads").post("It saves us a day", by="ben")
    page = await open_page("ana")
    await message(page, "saves us").hover()
    await message(page, "saves us").get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Keep this quote").click()
    await expect(message(page, "Kept: It saves us a day")).to_contain_text("Only visible to you")


async def test_home_is_published_when_it_is_opened_and_its_buttons_work(open_page: OpenPage) -> None:
    page = await open_page("ana")
    await page.get_by_test_id("app").click()
    home = page.get_by_test_id("home")
    await expect(home).to_contain_text("Welcome, @Ana Ruiz")
    await home.get_by_role("button", name="Log a quote").click()
    await expect(page.get_by_role("dialog", name="Log what you heard")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Messages").click()
    await expect(composer(page, "Tandem")).to_be_visible()


async def test_everything_can_be_done_from_the_keyboard(open_page: OpenPage, bot: BotOfThePage) -> None:
    page = await open_page("ana", "#wins")
    keys = page.keyboard
    await keys.press("Control+k")
    await expect(page.get_by_role("combobox", name="Jump to")).to_be_focused()
    await keys.type("lead")
    await keys.press("Enter")
    await expect(composer(page)).to_be_focused()
    await keys.type("/vo")
    await expect(page.get_by_role("option")).to_have_count(1)
    await keys.press("Enter")
    await keys.press("Enter")
    modal = page.get_by_role("dialog", name="Log what you heard")
    await expect(modal.get_by_role("textbox", name="Their words")).to_be_focused()
    await keys.type("They love the new brief")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("option", name="Objection")).to_be_visible()
    await keys.type("pr")
    await keys.press("Enter")
    await expect(modal.get_by_role("combobox", name="Kind")).to_contain_text("Praise")
    for _ in range(3):
        await keys.press("Tab")
    await expect(modal.get_by_role("button", name="Save")).to_be_focused()
    await keys.press("Tab")
    await expect(modal.get_by_role("button", name="Close")).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Enter")
    await expect(modal).to_be_hidden()
    assert bot.saved[0]["kind"]["kind"]["selected_option"]["value"] == "praise"


async def test_dates_are_shown_in_the_members_zone_and_follow_the_clock(
    open_page: OpenPage, bot: BotOfThePage, slack: Playground, clock: WorkspaceClock
) -> None:
    due, past = int(THURSDAY + 1800), int(THURSDAY - 120)
    text = f"Due <!date^{due}^{{date_short_pretty}} at {{time}}|soon>, touched <!date^{past}^{{ago}}|lately>"
    await bot.client.chat_postMessage(channel=slack.workspace.channel("#leads").id, text="x", blocks=[section(text)])
    page = await open_page("ana")
    card = message(page, "Due")
    await expect(card).to_contain_text("Due today at 3:51 PM, touched 2 minutes ago")
    await act_as(page, "Ben Cole")
    await expect(card).to_contain_text("Due today at 9:51 AM")
    await page.get_by_test_id("controls").get_by_role("button", name="Skip ahead 1 hour").click()
    await expect(page.get_by_test_id("toast")).to_contain_text("One hour later.")
    await expect(card).to_contain_text("touched 1 hour ago")
    await expect(page.get_by_test_id("clock")).to_contain_text("10:21 AM")
    clock.at += 86400
    slack.tick()
    await expect(card).to_contain_text("Due yesterday at 9:51 AM")


async def test_text_from_outside_never_becomes_markup(
    open_page: OpenPage, bot: BotOfThePage, slack: Playground
) -> None:
    evil = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
    escaped = evil.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    leads = slack.workspace.channel("#leads").id
    link = {"type": "link", "url": "javascript:window.pwned=1", "text": "a link"}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": evil}},
        section(f"{escaped} <javascript:window.pwned=1|press me>"),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]},
        {"type": "markdown", "text": f"[press](javascript:window.pwned=1) {evil}"},
        {"type": "context", "elements": [{"type": "plain_text", "text": evil}]},
    ]
    await bot.client.chat_postMessage(channel=leads, text=evil, blocks=blocks)
    slack.add_member("eve", real_name=evil)
    page = await open_page("ana")
    await composer(page).fill(evil)
    await composer(page).press("Enter")
    await expect(message(page, "onerror").last).to_contain_text("<script>window.pwned=1</script>")
    await page.get_by_role("combobox", name="Act as").click()
    await expect(page.get_by_role("option", name="onerror")).to_be_visible()
    assert await page.evaluate("window.pwned") is None
    assert await page.locator("img, body script, a[href^='javascript']").count() == 0


async def test_a_lost_connection_comes_back_with_what_was_missed(open_page: OpenPage, slack: Playground) -> None:
    sockets: list[WebSocketRoute] = []

    def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        route.connect_to_server()

    page = await open_page("ana")
    await page.route_web_socket("**/page/live*", through)
    await page.reload()
    await expect(composer(page)).to_be_visible()
    await sockets[0].close()
    await slack.channel("#leads").post("while you were away", by="ben")
    await expect(message(page, "while you were away")).to_have_count(1)
    await slack.channel("#leads").post("and now live again", by="ben")
    await expect(message(page, "and now live again")).to_have_count(1)


async def test_the_reader_keeps_the_place_while_messages_arrive(open_page: OpenPage, slack: Playground) -> None:
    for number in range(40):
        await slack.channel("#leads").post(f"line {number}", by="ben")
    page = await open_page("ana")
    await expect(message(page, "line 39")).to_be_in_viewport()
    await message(page, "line 10").scroll_into_view_if_needed()
    before = await message(page, "line 10").bounding_box()
    await slack.channel("#leads").post("newest", by="ben")
    pill = page.get_by_role("button", name="1 new message")
    await expect(pill).to_be_visible()
    assert await message(page, "line 10").bounding_box() == before
    await pill.click()
    await expect(message(page, "newest")).to_be_in_viewport()


async def test_on_a_phone_the_sidebar_waits_behind_a_button(open_page: OpenPage, slack: Playground) -> None:
    page = await open_page("ana")
    await page.set_viewport_size({"width": 390, "height": 844})
    wins = page.locator(f'[data-channel="{slack.workspace.channel("#wins").id}"]')
    await expect(wins).to_be_hidden()
    await page.get_by_role("button", name="Open sidebar").click()
    await wins.click()
    await expect(page.get_by_role("heading", level=1, name="wins")).to_be_visible()
    await expect(wins).to_be_hidden()
    await page.get_by_role("button", name="Demo").click()
    await expect(page.get_by_role("menuitem", name="Skip ahead 1 hour")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
