"""What arrives for voice of customer: the command, the form, the shortcuts, and the buttons of the receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.people import EVERYONE, MARKETERS
from domain.text import TextTooLong
from domain.themes import answer_theme, find_answerable
from domain.voc.competitors import show_competitor
from domain.voc.drafts import log_drafted
from domain.voc.errors import LoggedJustNow, NoSaying, OnlyCompetitor, OnlyMarkers, OnlyTheme, SensitiveText
from domain.voc.example import GENERIC, show_example
from domain.voc.facts import VocFacts, list_own_items, names_of_members
from domain.voc.items import (
    add_quote,
    edit_item,
    log_line,
    open_item,
    restore_item,
    withdraw_item,
)
from domain.voc.known import show_theme
from domain.voc.receipt import VocReceipt
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes
from domain.voc.votes import open_vote, vote
from handlers.answers import Answer, CloseModal, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import escape
from handlers.command_text import first_word
from handlers.keys import key_of_answer, token_of_question
from handlers.listeners import Listeners
from handlers.voc import (
    asking,
    competitors,
    drafts,
    forms,
    known,
    meant,
    reactions,
    searching,
    views,
    votes,
    warning,
    watching,
    workflow,
)
from handlers.voc.meant import in_place, surface_of
from handlers.voc.typed import line_of_command, mentioned_in, permalink_of, words_of_message

listeners = Listeners(guests=False)
reactions.declare(listeners)
drafts.declare(listeners)
meant.declare(listeners)
watching.declare(listeners)
workflow.declare(listeners)


@listeners.command(
    "voc",
    roles=EVERYONE,
    usage=GENERIC.line,
    help="Log what a customer said. Without words: a form. Only a #theme or !competitor: what is known of it",
    about="Log what a customer said",
)
async def log(arrival: Arrival) -> Answer:
    if not arrival.text:
        example = await arrival.look(show_example)
        typed = f"`{arrival.tandem.command_name('voc')} {escape(example.line)}`"
        late = f"Slack did not open the form in time. Try again, or type one line: {typed}"
        return await drafts.open_form(arrival, _context(arrival), example, otherwise=late)
    line = line_of_command(arrival.text)
    try:
        return await arrival.answer(log_line, line, doubting=True, view=lambda logged: views.receipt(logged, "logged"))
    except OnlyTheme as error:
        return known.known_view(await arrival.look(show_theme, error.theme), _commands(arrival))
    except OnlyCompetitor as error:
        return competitors.competitor_view(await arrival.look(show_competitor, error.name), _commands(arrival))
    except OnlyMarkers as error:
        return views.only_markers(line, error.account, arrival.tandem.command_name("tandem"))
    except NoSaying as error:
        return asking.question(error, _token(arrival, line))
    except SensitiveText as error:
        return warning.question(error, _token(arrival, line))
    except LoggedJustNow as error:
        return warning.again(error, _token(arrival, line))
    except TextTooLong as error:
        return views.too_long(line, error.length)


searching.declare(listeners, log)


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


@listeners.action("voc.log_without", roles=EVERYONE)
async def log_without(arrival: Arrival) -> Answer:
    return await log_it(arrival)


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


@listeners.action("voc.competitor_known", roles=EVERYONE)
async def show_known_competitor(arrival: Arrival) -> Answer:
    found = await arrival.look(show_competitor, competitors.read_competitor(arrival.value))
    return competitors.competitor_view(found, _commands(arrival))


@listeners.command(
    "tandem", "answer", roles=MARKETERS, usage="answer #theme", help="Set what reps should say when a theme comes up"
)
async def open_answer(arrival: Arrival) -> Answer:
    theme, text = first_word(arrival.text)
    found = await arrival.look(find_answerable, theme)
    return OpenModal(forms.answer_form(found, text, _context(arrival)))


@listeners.submission("voc.answer_form", roles=MARKETERS)
async def save_answer(arrival: Arrival) -> Answer:
    return await arrival.answer(
        answer_theme,
        arrival.remembered_id("theme"),
        **forms.submitted_answer(arrival),
        view=lambda slug: CloseModal(views.answered(slug)),
    )


@listeners.shortcut("voc.log", title=forms.LOG_TITLE, help="Log what a customer said", roles=EVERYONE)
async def open_from_anywhere(arrival: Arrival) -> Answer:
    return await drafts.open_form(arrival, _context(arrival), await arrival.look(show_example))


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
    return await drafts.open_form(arrival, _context(arrival), await arrival.look(show_example))


@listeners.submission("voc.form", roles=EVERYONE)
async def submit(arrival: Arrival) -> Answer:
    return await arrival.answer(
        log_drafted,
        forms.submitted_form(arrival),
        origin="shortcut" if arrival.context.get("origin") == "shortcut" else "form",
        permalink=arrival.remembered("permalink") or None,
        warned=arrival.remembered("warned"),
        view_id=drafts.form_of(arrival),
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
        warned=arrival.remembered("warned"),
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
        consent=arrival.field("consent"),
        version=arrival.remembered_id("version"),
        warned=arrival.remembered("warned"),
        view=_saved(arrival, "updated"),
    )


@listeners.action("voc.edit", roles=EVERYONE)
async def edit(arrival: Arrival) -> Answer:
    item = await arrival.look(open_item, arrival.subject_id)
    focus = next((field for field in ("deal", "theme") if arrival.value.endswith(f":{field}")), "text")
    return _show_form(arrival, forms.edit_form(item, _context(arrival, "receipt"), focus=focus))


@listeners.action("voc.quote", roles=EVERYONE)
async def quote(arrival: Arrival) -> Answer:
    item = await arrival.look(open_item, arrival.subject_id)
    return _show_form(arrival, forms.quote_form(item, _context(arrival, "receipt")))


@listeners.action("voc.undo", roles=EVERYONE)
async def undo(arrival: Arrival) -> Answer:
    def view(item: VocFacts) -> Answer:
        return UpdateModal(views.withdrawn_view(item)) if surface_of(arrival) == "modal" else views.withdrawn(item)

    return await arrival.answer(withdraw_item, arrival.subject_id, view=view)


@listeners.action("voc.restore", roles=EVERYONE)
async def restore(arrival: Arrival) -> Answer:
    answer = await arrival.answer(restore_item, arrival.subject_id, view=in_place(arrival, "restored"))
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


@listeners.action("voc.heard", roles=EVERYONE)
async def hear(arrival: Arrival) -> Answer:
    item = await arrival.look(open_vote, arrival.subject_id)
    return OpenModal(votes.vote_form(item, _context(arrival)))


@listeners.submission("voc.vote_form", roles=EVERYONE)
async def submit_vote(arrival: Arrival) -> Answer:
    form = forms.submitted_form(arrival)
    return await arrival.answer(
        vote,
        arrival.remembered_id("item"),
        account_id=form.account_id,
        account=form.account,
        note=arrival.field("note"),
        warned=arrival.remembered("warned"),
        view=_saved(arrival, "logged"),
    )


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


def _token(arrival: Arrival, line: str) -> str:
    return token_of_question(arrival.key, f"{arrival.at} {line}")


def _commands(arrival: Arrival) -> known.Commands:
    return known.Commands(arrival.tandem.command_name("voc"), arrival.tandem.command_name("tandem"))


def _context(arrival: Arrival, came_from: str = "") -> dict[str, Any]:
    """What a form must remember: where its receipt goes, and whether it takes the place of what was clicked."""
    remembered = {
        "from": "home" if surface_of(arrival) == "home" else came_from,
        "response_url": arrival.body.get("response_url"),
    }
    return {name: value for name, value in remembered.items() if value}


def _show_form(arrival: Arrival, form: View) -> Answer:
    return UpdateModal(form) if surface_of(arrival) == "modal" else OpenModal(form)


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
    return "item" in arrival.context and "vote" not in arrival.context and not arrival.text
