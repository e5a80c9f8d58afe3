"""What arrives for voice of customer: the command, the form, the shortcuts, and the buttons of the receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.people import EVERYONE, MARKETERS
from domain.text import TextTooLong
from domain.themes import answer_theme, find_answerable
from domain.voc.errors import NoSaying, OnlyMarkers, OnlyTheme
from domain.voc.example import GENERIC, show_example
from domain.voc.facts import VocFacts, list_own_items, names_of_members
from domain.voc.items import (
    add_quote,
    edit_item,
    keep_theme,
    log_form,
    log_line,
    open_item,
    restore_item,
    use_theme,
    withdraw_item,
)
from domain.voc.known import show_theme
from domain.voc.receipt import VocReceipt
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes
from handlers.answers import Answer, CloseModal, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import escape
from handlers.keys import key_of_answer, token_of_question
from handlers.listeners import Listeners
from handlers.voc import asking, forms, known, views
from handlers.voc.typed import line_of_command, mentioned_in, permalink_of, words_of_message

listeners = Listeners()


@listeners.command(
    "voc",
    roles=EVERYONE,
    usage=GENERIC.line,
    help="Log what a customer said. Without words: a form",
    about="Log what a customer said",
)
async def log(arrival: Arrival) -> Answer:
    if not arrival.text:
        example = await arrival.look(show_example)
        typed = f"`{arrival.tandem.command_name('voc')} {escape(example.line)}`"
        late = f"Slack did not open the form in time. Try again, or type one line: {typed}"
        return OpenModal(forms.new_form(_context(arrival), example), otherwise=late)
    line = line_of_command(arrival.text)
    try:
        return await arrival.answer(log_line, line, doubting=True, view=lambda logged: views.receipt(logged, "logged"))
    except OnlyTheme as error:
        return known.known_view(await arrival.look(show_theme, error.theme), _commands(arrival))
    except OnlyMarkers:
        return views.only_markers(line)
    except NoSaying as error:
        return asking.question(error, token_of_question(arrival.key, f"{arrival.at} {line}"))
    except TextTooLong as error:
        return views.too_long(line, error.length)


@listeners.command("voc", "list", roles=EVERYONE, usage="list", help="Your last ten items, to edit or undo", alone=True)
async def show_list(arrival: Arrival) -> Answer:
    return views.item_list(await arrival.look(list_own_items), arrival.tandem.command_name("voc"))


@listeners.command("voc", "help", roles=EVERYONE, usage="help", help="Examples", alone=True)
async def show_help(arrival: Arrival) -> Answer:
    return views.help_text(arrival.tandem.command_name("voc"), await arrival.look(show_example))


@listeners.action("voc.log_it", roles=EVERYONE)
async def log_it(arrival: Arrival) -> Answer:
    asked = asking.read_asked(arrival.value)
    if asked is None:
        return asking.gone()
    # One key for all clicks on the question: the line is logged once, however often the button is pressed.
    once = replace(arrival, key=key_of_answer(arrival.body, asked.token))
    return await once.answer(log_line, asked.line, view=lambda logged: views.receipt(logged, "logged", replace=True))


@listeners.action("voc.fill", roles=EVERYONE)
async def open_filled(arrival: Arrival) -> Answer:
    asked = asking.read_asked(arrival.value)
    text = asked.line if asked is not None else ""
    return OpenModal(forms.new_form(_context(arrival, "receipt"), await arrival.look(show_example), text=text))


@listeners.action("voc.show_list", roles=EVERYONE)
async def show_list_instead(arrival: Arrival) -> Answer:
    return await show_list(arrival)


@listeners.action("voc.show_help", roles=EVERYONE)
async def show_help_instead(arrival: Arrival) -> Answer:
    return await show_help(arrival)


@listeners.action("voc.known", roles=EVERYONE)
async def show_known(arrival: Arrival) -> Answer:
    found = await arrival.look(show_theme, known.read_theme(arrival.value))
    return known.known_view(found, _commands(arrival))


@listeners.command(
    "tandem", "answer", roles=MARKETERS, usage="answer #theme", help="Set what reps should say when a theme comes up"
)
async def open_answer(arrival: Arrival) -> Answer:
    theme, _, text = arrival.text.partition(" ")
    found = await arrival.look(find_answerable, theme)
    return OpenModal(forms.answer_form(found, text.strip(), _context(arrival)))


@listeners.submission("voc.answer_form", roles=MARKETERS)
async def save_answer(arrival: Arrival) -> Answer:
    return await arrival.answer(
        answer_theme,
        arrival.remembered_id("theme"),
        text=arrival.field("answer") or "",
        version=arrival.remembered("version"),
        view=lambda slug: CloseModal(views.answered(slug)),
    )


@listeners.shortcut("voc.log", title=forms.LOG_TITLE, help="Log what a customer said", roles=EVERYONE)
async def open_from_anywhere(arrival: Arrival) -> Answer:
    return OpenModal(forms.new_form(_context(arrival), await arrival.look(show_example)))


@listeners.message_shortcut(
    "voc.log_message", title="Log this message", help="Log what this message says", roles=EVERYONE
)
async def open_from_message(arrival: Arrival) -> Answer:
    text = str((arrival.body.get("message") or {}).get("text") or "")
    mentioned = mentioned_in(text)
    names = await arrival.look(names_of_members, mentioned) if mentioned else {}
    context = _context(arrival) | {"origin": "shortcut", "permalink": permalink_of(arrival.body)}
    example = await arrival.look(show_example)
    return OpenModal(forms.new_form(context, example, text=words_of_message(text, names)))


@listeners.action("voc.open", roles=EVERYONE)
async def open_from_button(arrival: Arrival) -> Answer:
    return OpenModal(forms.new_form(_context(arrival), await arrival.look(show_example)))


@listeners.submission("voc.form", roles=EVERYONE)
async def submit(arrival: Arrival) -> Answer:
    return await arrival.answer(
        log_form,
        forms.submitted_form(arrival),
        origin="shortcut" if arrival.context.get("origin") == "shortcut" else "form",
        permalink=arrival.remembered("permalink") or None,
        view=_saved(arrival, "logged"),
    )


@listeners.submission("voc.edit_form", roles=EVERYONE)
async def submit_edit(arrival: Arrival) -> Answer:
    context = arrival.context
    answer = await arrival.answer(
        edit_item,
        arrival.remembered_id("item"),
        forms.submitted_form(arrival),
        version=arrival.remembered_id("version"),
        view=_saved(arrival, "updated"),
    )
    if context.get("from") == "list":
        items = await arrival.look(list_own_items)
        return CloseModal(views.item_list(items, arrival.tandem.command_name("voc"), replace=True))
    return answer


@listeners.submission("voc.quote_form", roles=EVERYONE)
async def submit_quote(arrival: Arrival) -> Answer:
    return await arrival.answer(
        add_quote,
        arrival.remembered_id("item"),
        arrival.field("quote"),
        version=arrival.remembered_id("version"),
        view=_saved(arrival, "updated"),
    )


@listeners.action("voc.edit", roles=EVERYONE)
async def edit(arrival: Arrival) -> Answer:
    item = await arrival.look(open_item, arrival.subject_id)
    focus = "deal" if arrival.value.endswith(":deal") else "text"
    return _show_form(arrival, forms.edit_form(item, _context(arrival, "receipt"), focus=focus))


@listeners.action("voc.quote", roles=EVERYONE)
async def quote(arrival: Arrival) -> Answer:
    item = await arrival.look(open_item, arrival.subject_id)
    return _show_form(arrival, forms.quote_form(item, _context(arrival, "receipt")))


@listeners.action("voc.undo", roles=EVERYONE)
async def undo(arrival: Arrival) -> Answer:
    def view(item: VocFacts) -> Answer:
        return UpdateModal(views.withdrawn_view(item)) if _surface(arrival) == "modal" else views.withdrawn(item)

    return await arrival.answer(withdraw_item, arrival.subject_id, view=view)


@listeners.action("voc.use_theme", roles=EVERYONE)
async def use(arrival: Arrival) -> Answer:
    slip = views.read_slip(arrival.value)
    view = _in_place(arrival, "updated")
    return await arrival.answer(use_theme, arrival.subject_id, slip.meant, version=slip.version, view=view)


@listeners.action("voc.keep_theme", roles=EVERYONE)
async def keep(arrival: Arrival) -> Answer:
    slip = views.read_slip(arrival.value)
    view = _in_place(arrival, "logged")
    return await arrival.answer(keep_theme, arrival.subject_id, version=slip.version, view=view)


@listeners.action("voc.restore", roles=EVERYONE)
async def restore(arrival: Arrival) -> Answer:
    answer = await arrival.answer(restore_item, arrival.subject_id, view=_in_place(arrival, "restored"))
    if arrival.value.endswith(":list"):
        items = await arrival.look(list_own_items)
        return views.item_list(items, arrival.tandem.command_name("voc"), replace=True)
    return answer


@listeners.action("voc.row", roles=EVERYONE)
async def change_from_list(arrival: Arrival) -> Answer:
    if not arrival.value.endswith(":undo"):
        item = await arrival.look(open_item, arrival.subject_id)
        return OpenModal(forms.edit_form(item, _context(arrival, "list")))
    gone = await arrival.run(withdraw_item, arrival.subject_id)
    items = await arrival.look(list_own_items)
    return views.item_list(items, arrival.tandem.command_name("voc"), gone=gone, replace=True)


@listeners.options("voc.theme", roles=EVERYONE)
async def offer_themes(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_themes, arrival.text)
    return forms.theme_options(found, may_empty=_may_empty(arrival))


@listeners.options("voc.account", roles=EVERYONE)
async def offer_accounts(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_accounts, arrival.text)
    return forms.account_options(found, may_empty=_may_empty(arrival))


@listeners.options("voc.competitor", roles=EVERYONE)
async def offer_competitors(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_competitors, arrival.text)
    return forms.competitor_options(found, may_empty=_may_empty(arrival))


def _commands(arrival: Arrival) -> known.Commands:
    return known.Commands(arrival.tandem.command_name("voc"), arrival.tandem.command_name("tandem"))


def _surface(arrival: Arrival) -> str:
    """Where the click came from: "modal", "home" or "message"."""
    return str((arrival.body.get("view") or {}).get("type") or "message")


def _context(arrival: Arrival, came_from: str = "") -> dict[str, Any]:
    """What a form must remember: where its receipt goes, and whether it takes the place of what was clicked."""
    remembered = {
        "from": "home" if _surface(arrival) == "home" else came_from,
        "response_url": arrival.body.get("response_url"),
    }
    return {name: value for name, value in remembered.items() if value}


def _show_form(arrival: Arrival, form: View) -> Answer:
    return UpdateModal(form) if _surface(arrival) == "modal" else OpenModal(form)


def _in_place(arrival: Arrival, did: str) -> Callable[[VocReceipt], Answer]:
    """The receipt takes the place of what was clicked."""

    def view(logged: VocReceipt) -> Answer:
        if _surface(arrival) == "modal":
            return UpdateModal(views.confirmation(logged, did))
        return views.receipt(logged, did, replace=True)

    return view


def _saved(arrival: Arrival, did: str) -> Callable[[VocReceipt], Answer]:
    """The receipt goes to where the form was opened from; without such a place it shows in the modal itself."""
    context = arrival.context

    def view(logged: VocReceipt) -> Answer:
        if context.get("response_url"):
            return CloseModal(views.receipt(logged, did, replace=context.get("from") == "receipt"))
        if context.get("from") == "home" and did == "updated":
            return CloseModal()
        return UpdateModal(views.confirmation(logged, did))

    return view


def _may_empty(arrival: Arrival) -> bool:
    """An edited item may have had something there; while a person types, they look for something else."""
    return "item" in arrival.context and not arrival.text
