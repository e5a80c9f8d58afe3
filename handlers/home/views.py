"""What the App Home looks like: for each role the few things to do next, and lines that teach while it is empty."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from digests.telling import mentioned
from domain.admin import NextStep, Setup, Slot, Undelivered
from domain.config.values import WEEKDAYS, describe_minute
from domain.home import BOARD_REPS, Board, Declined, HeardTheme, Home, Load, OpenLead
from domain.leads.facts import LeadFacts
from domain.leads.reasons import reason_named
from domain.money import sums_in_short
from domain.people import MANAGERS
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.dm_questions import AskedLately
from domain.voc.facts import VocFacts, item_name
from domain.voc.promise import is_late
from domain.voc.work import STATUS_NAMES
from handlers.answers import Block, View
from handlers.blocks import actions, button, context, date, divider, escape, section
from handlers.leads.alerts import rescue
from handlers.leads.phrases import clock_line, owner_line
from handlers.leads.views import work_row
from handlers.proposals.views import count_words, proposals_button
from handlers.setup.remedies import place_name, remedy, waiting_for
from handlers.setup.starters import CHOOSE_ACTION, OFFER, choose_button
from handlers.triage.companies import companies_blocks
from handlers.triage.doubts import doubts_blocks
from handlers.triage.views import buttons as triage_row
from handlers.triage.views import failed_lines

VIEW_BLOCKS: Final = 100
STEPS_SHOWN: Final = 5
SETUP_ACTION: Final = "setup.open"
DIGEST_ACTION: Final = "digest.settings"
LOG_ACTION: Final = "voc.open"
BOARD_ACTION: Final = "theme.board"
SCOREBOARD_ACTION: Final = "scoreboard.open"
CHANNELS_SHOWN: Final = 6


def home_view(home: Home, prefix: str) -> View:
    """The Home as views.publish takes it. `prefix` stands before the names of our commands."""
    parts: list[list[Block]] = [
        _away(home, prefix),
        _undelivered(home.setup.undelivered, prefix) if home.setup is not None else [],
        _steps(home.steps),
        _own_leads(home, prefix),
        *(_board(board, prefix) for board in home.boards),
        _below_boards(home, prefix),
        _marketing(home, prefix) if home.role == "marketer" else [],
        _own_voc(home, prefix),
        _foot(home, prefix),
    ]
    blocks: list[Block] = []
    for part in parts:
        if part and blocks:
            blocks.append(divider())
        blocks += part
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


def _away(home: Home, prefix: str) -> list[Block]:
    if home.benched_at is not None:
        since = date(home.benched_at)
        words = f"*New leads go to others* since {since}: the time of several ran out before you claimed them."
        return [section(words, accessory=button("I’m back", "lead.back", "home"), block_id="home.back")]
    if home.away_until is None:
        return []
    return [section(f"You are away until {date(home.away_until)} and get no new leads. `/{prefix}lead back` ends it.")]


def _undelivered(undelivered: tuple[Undelivered, ...], prefix: str) -> list[Block]:
    if not undelivered:
        return []
    lines = [
        f"•  {_count(lost.count, 'message')} to {place_name(lost.place)}: {remedy(lost.error, lost.place, prefix)}"
        + (f" {waiting_for(lost.unsent, lost.place)}" if lost.unsent else "")
        for lost in undelivered
    ]
    return [section("\n".join(["*Not delivered in the last 24 hours*", *lines]))]


def _steps(steps: tuple[NextStep, ...]) -> list[Block]:
    if not steps:
        return []
    blocks = [section("*To set next*")]
    for number, step in enumerate(steps[:STEPS_SHOWN], 1):
        words, label, action_id, value = _step(step)
        blocks.append(section(words, accessory=button(label, action_id, value), block_id=f"home.step.{number}"))
    left = len(steps) - STEPS_SHOWN
    if left > 0:
        blocks.append(context(f"and {left} more after that"))
    return blocks


def _step(step: NextStep) -> tuple[str, str, str, str | int]:
    """The words of a step, and its button: label, action id, value."""
    name = f"*{_bold(step.name, 60)}*"
    team = f"team:{step.subject}"
    match step.key:
        case "people":
            return "Say who takes leads. Until then everybody in Slack gets some.", "Choose people", SETUP_ACTION, team
        case "channel":
            return f"{name} has no channel: its leads show only in DMs.", "Choose channel", SETUP_ACTION, team
        case "manager":
            return f"{name} has no manager to tell when time runs out.", "Choose manager", SETUP_ACTION, team
        case "members":
            return f"Nobody is in {name}, so its leads reach nobody.", "Choose people", SETUP_ACTION, team
        case "digest":
            return f"The weekly digest {name} has no channel.", "Choose channel", DIGEST_ACTION, step.subject
        case "marketing":
            words = "Marketing has no channel, and nobody is a marketer: what is meant for them goes to sales’ manager."
            return words, "Choose channel", SETUP_ACTION, "company"
        case "themes":
            return OFFER, "Choose themes", CHOOSE_ACTION, "home"
        case _:
            return "No source sends leads yet: your website’s forms, a CRM.", "Add a source", SETUP_ACTION, "sources"


def _own_leads(home: Home, prefix: str) -> list[Block]:
    if not home.mine:
        if home.role == "rep":
            return [section("*No open leads.* New ones appear here, with the time that is left for each.")]
        return []
    blocks = [section(f"*Your open leads* · {home.mine_count}")]
    for lead in home.mine:
        blocks += [section(f"{_lead_name(lead.name, lead.company)}{_asked(lead)}\n{clock_line(lead)}"), *work_row(lead)]
    left = home.mine_count - len(home.mine)
    if left > 0:
        blocks.append(context(f"and {left} more: `/{prefix}lead list`"))
    return blocks


def _asked(lead: LeadFacts) -> str:
    words = " ".join((lead.asked or "").split())
    return f"\n{escape(shorten(words, 120))}" if words else ""


def _lead_name(name: str, company: str | None) -> str:
    shown = f"*{_bold(name, 80)}*"
    return f"{shown} · {escape(shorten(company, 60))}" if company else shown


def _bold(text: str, limit: int) -> str:
    """Untrusted text for between our own asterisks: a line break or a blank end would undo the bold."""
    return escape(shorten(" ".join(text.split()), limit)) or "?"


def _board(board: Board, prefix: str) -> list[Block]:
    """A team: first the overdue leads for which something can be done here, then the others, a line each."""
    overdue = f" · *{board.overdue} overdue*" if board.overdue else ""
    title = f"*{_bold(board.team, 80)}* · {_count(board.open, 'open lead')}{overdue}"
    acting = {lead.id for lead in board.to_save}
    lines = [_board_line(lead) for lead in board.leads if lead.id not in acting]
    left = board.open - len(board.leads)
    if left > 0:
        lines.append(f"and {left} more: `/{prefix}lead list`")
    blocks = [section(title if acting else "\n".join([title, *lines]))]
    for one in board.to_save:
        blocks += [section(f"{_lead_name(one.name, one.company)}\n{clock_line(one)}\n{owner_line(one)}"), *rescue(one)]
    if acting and lines:
        blocks.append(section("\n".join(lines)))
    week = f"This week: {board.in_time} contacted in time, {board.late} late. Overdue now: {board.overdue}"
    return [*blocks, context("\n".join(filter(None, (week, _reps(board.reps), _at_once(board)))))]


def _below_boards(home: Home, prefix: str) -> list[Block]:
    """The way to the figures of more than this week, and to the teams that have no room here."""
    if not home.boards:
        return []
    left = [context(f"{home.boards_left} more teams: `/{prefix}lead list`")] if home.boards_left else []
    return [*left, actions(button("Scoreboard", SCOREBOARD_ACTION), block_id="home.scoreboard")]


def _board_line(lead: OpenLead) -> str:
    who = escape(shorten(lead.owner, 40)) if lead.owner else "*nobody*"
    who = f"claimed by {who}" if lead.claimed else f"for {who}"
    if lead.due_at is None:
        when = "no deadline"
    elif lead.overdue:
        when = f"*{_when('Overdue since', lead.due_at)}*"
    else:
        when = _when("Due", lead.due_at)
    company = f", {escape(shorten(' '.join(lead.company.split()), 40))}" if lead.company else ""
    return f"•  {when} · {escape(shorten(' '.join(lead.name.split()), 60))}{company} · {who}"


def _at_once(board: Board) -> str:
    """Which leads were settled faster than anybody calls."""
    told = []
    for one in board.at_once:
        who, by = escape(shorten(" ".join(one.name.split()), 40)), escape(shorten(one.by, 40))
        told.append(f"{who} ({one.kind} by {by}, {one.seconds} s)")
    return f"Settled within seconds of being given: {' · '.join(told)}" if told else ""


def _reps(reps: tuple[Load, ...]) -> str:
    shown = []
    for load in reps[:BOARD_REPS]:
        words = f"{escape(shorten(load.name, 40))} {load.open}"
        if load.overdue:
            words += f" ({load.overdue} overdue)"
        if load.away_until is not None:
            words += _when(", away until", load.away_until)
        elif load.benched_at is not None:
            words += _when(", let leads lapse and gets none since", load.benched_at)
        shown.append(words)
    left = len(reps) - BOARD_REPS
    return "Open now: " + " · ".join(shown) + (f" · {left} more" if left > 0 else "") if shown else ""


def _marketing(home: Home, prefix: str) -> list[Block]:
    blocks = [*_held(home, prefix), *_doubts(home, prefix), *_companies(home, prefix)]
    if home.starters:
        blocks.append(section(OFFER, accessory=choose_button("home"), block_id="home.starters"))
    lately = f"in the last {PULSE_DAYS} days"
    if home.themes:
        words = "\n".join([f"*What customers said {lately}*", *(_theme_line(theme, home.at) for theme in home.themes)])
        # Below the words: on a phone a button beside them takes a quarter of their width.
        blocks += [section(words), actions(button("All themes", BOARD_ACTION), block_id="home.themes")]
    else:
        teach = "What reps hear from customers adds up here, by theme."
        blocks.append(section(f"*Nothing was logged {lately}.* {teach}"))
    if home.proposed:
        blocks.append(section(count_words(home.proposed), accessory=proposals_button(), block_id="home.proposals"))
    if home.asked is not None and home.asked.answered:
        blocks.append(context(asked_line(home.asked)))
    if home.declines:
        blocks.append(section("\n".join(["*Leads that sales gave back*", *map(_decline_line, home.declines)])))
    else:
        blocks.append(context("Sales gave no lead back in the last seven days."))
    return blocks


def _held(home: Home, prefix: str) -> list[Block]:
    """Leads that wait for marketing, since they fail the definition: sales has none of them yet."""
    held = home.held
    if not held.count:
        return []
    late = f" · *{held.late} late*" if held.late else ""
    blocks = [section(f"*Held leads* · {held.count}{late}")]
    for one in held.leads:
        name = _lead_name(one.lead.name, one.lead.company)
        blocks += [section(f"{name}\n{failed_lines(one)}"), triage_row(one)]
    left = held.count - len(held.leads)
    return [*blocks, context(f"and {left} more: `/{prefix}tandem held`")] if left else blocks


def _doubts(home: Home, prefix: str) -> list[Block]:
    """Pairs of leads that may be one person's, with the answers."""
    left = home.doubts.count - len(home.doubts.pairs)
    return [*doubts_blocks(home.doubts), *([context(f"and {left} more: `/{prefix}tandem held`")] if left else [])]


def _companies(home: Home, prefix: str) -> list[Block]:
    """Pairs of accounts that may be one company, with the answers."""
    left = home.companies.count - len(home.companies.pairs)
    more = [context(f"and {left} more: `/{prefix}tandem held`")] if left else []
    return [*companies_blocks(home.companies, None, prefix), *more]


def asked_line(asked: AskedLately) -> str:
    """How many questions were answered in the Messages tab, and how many answers helped by the thumbs below them."""
    answered = _count(asked.answered, "question")
    thumbs = [f"{asked.helped} helped"] if asked.helped else []
    thumbs += [f"{asked.not_helped} did not"] if asked.not_helped else []
    said = f"By the thumbs below the answers, {', '.join(thumbs)}." if thumbs else "Nobody pressed a thumb yet."
    return f"Asked in Tandem’s Messages tab in the last {PULSE_DAYS} days: {answered}. {said}"


def _theme_line(theme: HeardTheme, at: datetime) -> str:
    pieces = [f"*#{escape(shorten(theme.slug, 60))}*: {mentioned(theme.items, theme.objections)}"]
    if theme.accounts:
        pieces.append(_count(theme.accounts, "account"))
    if theme.deals:
        pieces.append(sums_in_short(theme.deals))
    if theme.status != "new":
        pieces.append(STATUS_NAMES[theme.status].lower())
    if theme.owner:
        pieces.append(f"looked after by {escape(shorten(theme.owner, 40))}")
    if theme.due_at is not None:
        late = is_late(theme.due_at, at)
        pieces.append(
            f"{'*late*: ' if late else ''}no approved answer, promised by {date(theme.due_at, '{date_short_pretty}')}"
        )
    elif not theme.answered:
        pieces.append("no approved answer yet")
    return f"•  {' · '.join(pieces)}"


def _decline_line(lead: Declined) -> str:
    reason = escape(reason_named(lead.reason).label)
    note = f" “{escape(shorten(' '.join(lead.note.split()), 120))}”" if lead.note else ""
    company = f", {escape(shorten(lead.company, 40))}" if lead.company else ""
    by = f" · {escape(shorten(lead.by, 40))}" if lead.by else ""
    when = date(lead.at, "{date_short_pretty}")
    return f"•  {reason}: {escape(shorten(' '.join(lead.name.split()), 60))}{company}{note}{by} · {when}"


def _own_voc(home: Home, prefix: str) -> list[Block]:
    if not home.voc:
        if _rarely_hears(home):
            return []
        words = f"*Log what you hear from customers.* Type it as it was said:\n{_line(home, prefix)}"
        return [section(words, accessory=button("Log what a customer said", LOG_ACTION), block_id="home.voc")]
    # Beside the title only: on a phone a button takes a quarter of the width of the words next to it.
    title = section("*What you logged*", accessory=button("Log what a customer said", LOG_ACTION), block_id="home.voc")
    return [title, section("\n".join(map(_voc_line, home.voc)))]


def _foot(home: Home, prefix: str) -> list[Block]:
    """What can wait: the settings, and how to go on."""
    blocks = []
    if home.setup is not None:
        blocks.append(_settings(home.setup))
    lines = [f"`/{prefix}tandem help` lists all that you can type."]
    if home.voc:
        lines.insert(0, f"`/{prefix}voc list` shows what you logged, to edit or undo.")
    elif _rarely_hears(home):
        lines.insert(0, f"Heard something from a customer? {_line(home, prefix)}")
    return [*blocks, context("\n".join(lines))]


def _settings(setup: Setup) -> Block:
    """What is set, in two lines, and the way to change it."""
    pieces = [
        _count(setup.teams, "team"),
        f"{setup.people} {'person takes' if setup.people == 1 else 'people take'} leads",
    ]
    if setup.sources:
        pieces.append(f"{_count(setup.sources, 'source')} {'sends' if setup.sources == 1 else 'send'} them")
    lines = [" · ".join(pieces), *map(_slot, setup.slots)]
    return section("\n".join(lines), accessory=button("Settings", SETUP_ACTION, "hub"), block_id="home.settings")


def _slot(slot: Slot) -> str:
    when = f"{WEEKDAYS[slot.weekday]}s {describe_minute(slot.minute)} ({escape(slot.zone)})"
    channels = ", ".join(f"<#{channel}>" for channel in slot.channels[:CHANNELS_SHOWN])
    left = len(slot.channels) - CHANNELS_SHOWN
    return f"Digests {when} in {channels}{f' and {left} more' if left > 0 else ''}"


def _rarely_hears(home: Home) -> bool:
    """Whether customers talk to others first: then logging is a hint, not the thing to do."""
    return home.role in MANAGERS or home.role == "marketer"


def _line(home: Home, prefix: str) -> str:
    return f"`/{prefix}voc {escape(home.example.line)}`"


def _voc_line(item: VocFacts) -> str:
    pieces = [item_name(item), escape(shorten(" ".join(item.words.split()), 120))]
    pieces += [f"{mark}{escape(shorten(name, 40))}" for mark, name in (("#", item.theme), ("@", item.account)) if name]
    return f"•  {' · '.join(pieces)} · {date(item.created_at, '{date_short_pretty}')}"


def _when(words: str, at: datetime) -> str:
    return date(at, f"{words} {{date_short_pretty}} {{time}}", fallback=f"{words} {at:%d %b %H:%M} UTC")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
