"""What merges, renames and splits look like: forms that say what will happen, receipts with a way back, the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from digests.mrkdwn import date, escape
from domain.marks import mark
from domain.text import shorten
from domain.voc.merging import MergePlan, ThemeAnswer
from domain.voc.planning import ToRegroup
from domain.voc.regrouping import Items, Regrouped, called
from domain.voc.renaming import NAME_LIMIT, RenamePlan
from domain.voc.splitting import Pickable, SplitPage
from handlers.answers import Block, Options, Receipt, View
from handlers.blocks import (
    Element,
    actions,
    button,
    checkboxes,
    context,
    external_select,
    input_block,
    modal,
    option,
    quote,
    section,
    select,
    text_input,
)
from handlers.place import way_back

ANSWER_SHOWN = 600
BOXES = 10
"""Slack takes no more of them in one field."""

WORDS = {"theme": "a theme", "account": "an account", "competitor": "a competitor"}


def pick_form(picked: ToRegroup, remembered: Mapping[str, Any]) -> View:
    """Into which other one? The next form says what that comes to."""
    about, near = picked.about, picked.near
    initial = option(_shown(about, near), called(about, near)) if near is not None else None
    menu = external_select("regrouping.into", f"Find {WORDS[about]}", initial=initial)
    return modal(
        "regrouping.pick_form",
        f"Merge {WORDS[about]}",
        [
            *way_back(remembered),
            section(f"Make *{escape(_shown(about, picked.name))}* a part of another {about}. All its items go there."),
            input_block("into", f"Into which {about}?", menu),
        ],
        submit="Next",
        context={**remembered, "subject": called(about, picked.name)},
    )


def target_options(about: str, names: Sequence[str]) -> Options:
    """What something can be merged into."""
    return Options([(shorten(_shown(about, name), 75), called(about, name)) for name in names])


def merge_form(plan: MergePlan, remembered: Mapping[str, Any], command: str) -> View:
    """What exactly the merge comes to, and which answer stays where there is one."""
    about = plan.about
    subject, target = escape(_shown(about, plan.subject)), escape(_shown(about, plan.target))
    born = {about: mark(int(plan.subject_key), plan.born)} if plan.born is not None else {}
    lines = [
        f"• {_moving(plan.items)} to {target}, which has {_counted(plan.target_items)}.",
        *([f"• {_number(plan.assets, 'asset')} of {subject} go there, too."] if plan.assets else []),
        *([f"• {target} keeps its approved answer."] if plan.target_answer and not plan.answer else []),
        f"• Whoever types {escape(called(about, plan.subject))} from now on logs under {target}.",
    ]
    return modal(
        "regrouping.merge_form",
        f"Merge two {about}s",
        [
            *way_back(remembered),
            section(f"*{subject} becomes a part of {target}*"),
            section("\n".join(lines)),
            *_which_answer(plan),
            context(
                "Items are counted however old they are. You can undo this at once, and later: "
                f"`{command} history {escape(called(about, plan.target))}`"
            ),
        ],
        submit="Merge",
        context={
            **remembered,
            **born,
            "about": about,
            "subject": plan.subject_key,
            "into": plan.target_key,
            "version": plan.version,
        },
    )


def rename_form(plan: RenamePlan, remembered: Mapping[str, Any]) -> View:
    """What it is to be called, and what becomes of its old name."""
    about, name = plan.about, escape(_shown(plan.about, plan.name))
    typed = escape(called(about, plan.name))
    field = text_input(initial=plan.new, max_length=NAME_LIMIT, focus=True)
    hint = "With or without #; spaces become hyphens." if about == "theme" else None
    born = {about: mark(int(plan.key), plan.born)} if plan.born is not None else {}
    return modal(
        "regrouping.rename_form",
        f"Rename {WORDS[about]}",
        [
            *way_back(remembered),
            section(f"*{name}* gets another name, with all its items."),
            input_block("name", "New name", field, hint=hint),
            context(f"The old name goes on leading to it: whoever types {typed} logs under the new name."),
        ],
        submit="Rename",
        context={**remembered, **born, "about": about, "subject": plan.key, "version": plan.name},
    )


def split_form(page: SplitPage, picked: Collection[str], into: str | None, remembered: Mapping[str, Any]) -> View:
    """The items of a theme to be ticked, a page at a time. `picked`: marks, of other pages too; `into`: a slug."""
    here = [item.marked for item in page.items]
    rows = [_pickable(item) for item in page.items]
    boxes = [
        input_block(
            f"items:{place}",
            "Items, the newest first" if place == 0 else "Older ones",
            checkboxes(
                f"items:{page.page}:{place}",
                rows[place : place + BOXES],
                initial=[row for row in rows[place : place + BOXES] if row["value"] in picked],
            ),
            optional=True,
        )
        for place in range(0, len(rows), BOXES)
    ]
    turns = [
        *([button("Newer items", "regrouping.page:newer", f"p{page.page - 1}")] if page.page else []),
        *([button("Older items", "regrouping.page:older", f"p{page.page + 1}")] if page.more else []),
    ]
    elsewhere = [marked for marked in picked if marked not in here]
    kept = [context(f"{_number(len(elsewhere), 'item')} picked on other pages.")] if elsewhere else []
    menu = external_select(
        "regrouping.target", "Find or add a theme", initial=option(f"#{into}", into) if into else None
    )
    return modal(
        "regrouping.split_form",
        "Split a theme",
        [
            section(
                f"Pick the items of *#{escape(page.slug)}* that are about something else. They go to another theme."
            ),
            *(boxes or [section("_There are no items here._")]),
            *kept,
            *([actions(*turns, block_id="regrouping.pages")] if turns else []),
            input_block("into", "To which theme?", menu),
        ],
        submit="Move",
        context={
            **remembered,
            "theme": mark(page.theme_id, page.born),
            "subject": f"#{page.slug}",
            "picked": " ".join(elsewhere),
        },
    )


def _pickable(item: Pickable) -> Element:
    about = "  ·  ".join(filter(None, (item.author, item.account, f"{item.at:%d %b %Y}")))
    return option(" ".join(item.words.split()), item.marked, about)


def done(result: Regrouped, *, replace: bool = False) -> Receipt:
    """What was done, with the way back; or that it was taken back."""
    return Receipt(_told(result), done_blocks(result), replace=replace)


def done_view(result: Regrouped, board: Mapping[str, Any]) -> View:
    """The same in the modal itself, on the `board` and where no message can follow."""
    title = "Undone" if result.undone_at is not None else "Done"
    blocks = [*way_back(board), *done_blocks(result)]
    return modal("regrouping.done", title, blocks, submit=None, close="Close", context=board)


def done_blocks(result: Regrouped) -> list[Block]:
    marked = mark(result.id, result.at)
    blocks = [section(_told(result))]
    if result.undone_at is None:
        blocks.append(actions(button("Undo", "regrouping.undo", marked), block_id=f"regrouping:{marked}"))
    return blocks


def history_view(found: ToRegroup, rows: Sequence[Regrouped], board: Mapping[str, Any]) -> View:
    """What was done with it, the newest first; each can be taken back."""
    name = escape(_shown(found.about, found.name))
    blocks = [block for row in rows for block in _row(row)]
    if not blocks:
        blocks = [section("It was never merged, renamed or split.")]
    title = f"History of {WORDS[found.about]}"
    shown = [*way_back(board), section(f"*{name}*"), *blocks]
    return modal("regrouping.history", title, shown, submit=None, close="Close", context=board)


def usage(command: str) -> Receipt:
    """How to merge, rename and split."""
    text = (
        f"`{command} merge #slip into #theme`  all items go to the other theme\n"
        f"`{command} rename #old #new`  the old name goes on leading to it\n"
        f"`{command} split #theme`  some items go to another theme, or to a new one\n"
        f"`{command} history #theme`  what was done with it, to be undone\n"
        "The same works for accounts and competitors: `@acme inc`, `!rivalsoft`. Only themes can be split."
    )
    return Receipt(f"How to merge, rename and split with {command}", [section(text)])


def _which_answer(plan: MergePlan) -> list[Block]:
    subject, target = f"#{plan.subject}", f"#{plan.target}"
    if plan.answer is None:
        return []
    if plan.target_answer is None:
        choices = [option(f"Yes, use it for {target}", "subject"), option(f"No, {target} stays without", "target")]
        return [
            *_answer(subject, plan.answer),
            _staying(f"{target} has no approved answer. Use that of {subject}?", choices, initial=choices[0]),
        ]
    choices = [option(f"That of {target}", "target"), option(f"That of {subject}", "subject")]
    return [
        *_answer(target, plan.target_answer),
        *_answer(subject, plan.answer),
        _staying("Both have an approved answer. Which one stays?", choices),
    ]


def _answer(name: str, answer: ThemeAnswer) -> list[Block]:
    return [section(f"*Approved answer to {escape(name)}*"), quote(shorten(answer.text, ANSWER_SHOWN))]


def _staying(label: str, choices: list[Element], *, initial: Element | None = None) -> Block:
    return input_block("staying", label, select("staying", "Pick an answer", choices, initial=initial))


def _told(result: Regrouped) -> str:
    about = result.about
    subject, target = escape(_shown(about, result.subject)), escape(_shown(about, result.target))
    if result.undone_at is not None:
        after = " Its items are being moved back." if result.left else ""
        own = f"{WORDS[about]} of its own"
        return {
            "merge": f"Undone: *{subject}* is {own} again, with the items that the merge had moved.{after}",
            "rename": f"Undone: *{target}* is called *{subject}* again.{after}",
            "split": f"Undone: the items are under *{subject}* again, unless somebody moved them since.{after}",
        }[result.kind]
    if result.kind == "rename":
        return f"*{subject}* is called *{target}* now. Its old name goes on leading to it."
    items = _number(result.moved, "item")
    if result.kind == "split":
        return f"{items} of *{subject}* moved to *{target}*."
    if result.left:
        return (
            f"*{subject}* is a part of *{target}* now. Its items are being moved, which may take a minute; what is "
            f"logged under {subject} lands under {target} already."
        )
    return f"*{subject}* is a part of *{target}* now: {items} moved."


def _row(row: Regrouped) -> list[Block]:
    subject, target = escape(_shown(row.about, row.subject)), escape(_shown(row.about, row.target))
    what = {
        "merge": f"*{subject}* merged into *{target}*, {_number(row.moved, 'item')}",
        "rename": f"*{subject}* renamed to *{target}*",
        "split": f"{_number(row.moved, 'item')} of *{subject}* split off to *{target}*",
    }[row.kind]
    who = f"{escape(row.by)}, {date(row.at, '{date_short_pretty} {time}')}"
    marked = mark(row.id, row.at)
    if row.undone_at is not None:
        undone = f"undone by {escape(row.undone_by or 'somebody')}, {date(row.undone_at, '{date_short_pretty} {time}')}"
        return [section(f"~{what}~"), context(f"{who}  ·  {undone}")]
    undo = button("Undo", "regrouping.undo", marked)
    return [section(what, accessory=undo, block_id=f"regrouping:{marked}"), context(who)]


def _shown(about: str, name: str) -> str:
    """A name as receipts show it: a competitor has no mark there."""
    return name if about == "competitor" else called(about, name)


def _moving(items: Items) -> str:
    if not items.items:
        return "No item moves"
    return f"{_counted(items)} move{'s' if items.items == 1 and not items.more else ''}"


def _counted(items: Items) -> str:
    """ "12 items of 7 accounts" """
    if items.more:
        return f"more than {items.items:,} items"
    accounts = f" of {_number(items.accounts, 'account')}" if items.accounts else ""
    return f"{_number(items.items, 'item')}{accounts}"


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
