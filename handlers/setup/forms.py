"""The forms of `/tandem setup`. Each shows what is set now; its action ids carry the subject, because Slack keeps
what was typed when a form takes the place of another with the same ids."""

from __future__ import annotations

from typing import Final

from domain.config.forms import ROLE_FIELDS
from domain.config.overview import Overview, TeamSet
from domain.config.values import MOST_CLOSED_DAYS, MOST_COMPETITORS, describe_or_never
from domain.hours_line import LONGEST
from domain.tallies import PULSE_DAYS
from domain.versions import version_of
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.blocks import Element
from handlers.setup.fields import conversation, user, users, zone_select
from handlers.setup.growing import lines_input
from handlers.setup.views import Context, back

ROLE_LABELS: Final = {
    "admin": ("Admins", "They change settings."),
    "manager": ("Managers", "They are told when time runs out, and reassign leads."),
    "marketer": ("Marketers", "They answer themes and look after personas and content."),
}


def team_form(team: TeamSet, remembered: Context) -> View:
    """A team's channel, people and hours."""
    mine = f"of:{team.id}"
    blocks: list[Block] = [
        back(),
        b.input_block("name", "Name", b.text_input(mine, initial=team.name, max_length=80)),
        b.input_block(
            "channel",
            "Channel for its leads",
            conversation(mine, team.channel),
            optional=True,
            hint="A private channel needs an invitation: /invite @Tandem",
        ),
        b.input_block(
            "manager", "Manager", user(mine, team.manager), optional=True, hint="Is told when time runs out."
        ),
        b.input_block(
            "delegate",
            "Who stands in for the manager",
            user(mine, team.delegate),
            optional=True,
            hint="Is told while the manager is away or off hours, and of their own leads. A manager or an admin.",
        ),
        b.input_block("members", "Who takes leads", users(mine, team.members), optional=True, hint="They take turns."),
        b.input_block(
            "hours",
            "Working hours",
            b.text_input(mine, initial=team.hours, placeholder="mon-fri 09:00-12:30, 13:30-18:00", max_length=LONGEST),
            hint="Clocks stand still outside these hours. At least 1 hour a week. Example: mon-thu 9-17; fri 9-14",
        ),
        b.input_block("zone", "Time zone", zone_select(str(team.id), team.zone)),
        b.input_block(
            "holidays",
            "Public holidays",
            b.text_input(mine, initial=team.holidays, placeholder="DE or US-CA", max_length=80),
            optional=True,
            hint="A country, with its region if you like. The team is closed on these days.",
        ),
        *lines_input(
            "closed",
            "Other closed days",
            team.closed,
            hint=f"One on each line, at most {MOST_CLOSED_DAYS} days. Several in a row: the first to the last.",
            placeholder="2026-12-24 to 2027-01-01",
            action_id=mine,
        ),
        *_marks(team, mine),
    ]
    context = {**remembered, "team": team.id, "version": version_of(team)}
    return b.modal("setup.team", "Team" if team.id else "New team", blocks, context=context)


def _marks(team: TeamSet, action_id: str) -> list[Block]:
    if team.is_default:
        return [b.context("This team gets the leads that name no team.")]
    default = b.option("Gets the leads that name no team", "default")
    archived = b.option("Archived: gets no new leads", "archived")
    boxes: Element = {"type": "checkboxes", "action_id": action_id, "options": [default, archived]}
    if team.archived:
        boxes["initial_options"] = [archived]
    return [b.input_block("marks", "Also", boxes, optional=True)]


def people_form(overview: Overview, remembered: Context) -> View:
    """Who is an admin, a manager, a marketer."""
    blocks: list[Block] = [back(), b.section("Everybody who is in no list is a rep.")]
    for role in ROLE_FIELDS:
        label, hint = ROLE_LABELS[role]
        blocks.append(b.input_block(role, label, users("value", overview.people[role]), optional=True, hint=hint))
    context = {**remembered, "version": version_of(overview.people)}
    return b.modal("setup.people", "Who may do what", blocks, context=context)


def company_form(overview: Overview, remembered: Context) -> View:
    """Marketing's channel and its clock, the competitors, the currency, the reaction that logs a message."""
    company = overview.company
    blocks: list[Block] = [
        back(),
        b.input_block(
            "marketing_channel",
            "Marketing’s channel",
            conversation("value", company.marketing_channel),
            optional=True,
        ),
        b.input_block(
            "wins_channel",
            "Channel for wins",
            conversation("value:wins", company.wins_channel),
            optional=True,
            hint="Won deals are posted here. Without it: in the channel of the lead’s team.",
        ),
        *lines_input(
            "competitors",
            "Competitors, one on each line",
            company.competitors,
            hint=f"They are recognised in what reps log. At most {MOST_COMPETITORS}.",
            placeholder="Rivalsoft",
        ),
        b.input_block(
            "currency",
            "Currency of deals without a sign",
            b.text_input(initial=company.currency, placeholder="EUR", max_length=3),
        ),
        b.input_block(
            "capture_emoji",
            "Reaction that logs a message",
            b.text_input(initial=company.capture_emoji, placeholder="ear", max_length=100),
            hint="An emoji’s name. Whoever reacts with it logs the message’s words as a customer’s. Empty: none does.",
            optional=True,
        ),
        b.input_block(
            "answer_days",
            "Working days for the first answer to a theme",
            b.text_input(initial=str(describe_or_never(company.answer_days)), placeholder="5", max_length=5),
            hint="Marketing’s clock. Reps read the promised day; what is late is told once. Or: never",
        ),
        b.input_block(
            "answer_accounts",
            "From how many accounts on",
            b.text_input(initial=str(company.answer_accounts), placeholder="3", max_length=4),
            hint=f"So many accounts must have raised the theme within {PULSE_DAYS} days.",
        ),
        b.input_block(
            "rising_accounts",
            "A theme rises from how many accounts in 7 days on",
            b.text_input(initial=str(describe_or_never(company.rising_accounts)), placeholder="3", max_length=5),
            hint="Marketing gets one message of a theme that rises, which is edited as it grows. Or: never",
        ),
        b.input_block(
            "rising_times",
            "… and how many times as many as in the 7 days before",
            b.text_input(initial=str(company.rising_times), placeholder="2", max_length=3),
        ),
        b.input_block(
            "rising_a_day",
            "Of how many themes that rise marketing is told a day",
            b.text_input(initial=str(company.rising_a_day), placeholder="3", max_length=2),
            hint="At the most. What is too much for a day waits for the next.",
        ),
        b.input_block(
            "asked_a_day",
            "About how many items without a theme marketing is asked a day",
            b.text_input(initial=str(describe_or_never(company.asked_a_day)), placeholder="20", max_length=5),
            hint="At the most, in one message each morning: items that may belong to a theme. Or: never",
        ),
        b.input_block(
            "goal_a_month",
            "What leads are to bring a month",
            b.text_input(initial=str(describe_or_never(company.goal_a_month)), placeholder="200,000", max_length=20),
            hint=f"In {company.currency}. The scoreboard says how many leads that takes. Or: never",
        ),
        b.input_block(
            "average_deal",
            "… at an average deal of",
            b.text_input(initial=str(describe_or_never(company.average_deal)), placeholder="never", max_length=20),
            hint=f"In {company.currency}. Or never: then what was won in the last year counts.",
        ),
        b.input_block(
            "won_of_1000",
            "… if so many of 1,000 leads are won",
            b.text_input(initial=str(describe_or_never(company.won_of_1000)), placeholder="never", max_length=5),
            hint="Or never: then what became of the leads of the last year counts.",
        ),
    ]
    return b.modal("setup.company", "Company", blocks, context={**remembered, "version": version_of(company)})
