"""The forms of `/tandem setup`. Each shows what is set now; its action ids carry the subject, because Slack keeps
what was typed when a form takes the place of another with the same ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from domain.config.forms import ROLE_FIELDS
from domain.config.overview import Overview, SourceSet, TeamSet
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.blocks import Element
from handlers.setup.views import GO, Context, back

ZONE_OPTIONS: Final = "setup.zone"
POLICIES_SHOWN: Final = 12
SOURCES_SHOWN: Final = 30
ROLE_LABELS: Final = {
    "admin": ("Admins", "They change settings."),
    "manager": ("Managers", "They are told when time runs out, and reassign leads."),
    "marketer": ("Marketers", "They answer themes and look after personas and content."),
}
AUTHS: Final = {
    "standard_webhooks": "It signs (Standard Webhooks)",
    "header": "It sends the secret in a header",
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
            _conversation(mine, team.channel),
            optional=True,
            hint="A private channel needs an invitation: /invite @Tandem",
        ),
        b.input_block(
            "manager", "Manager", _user(mine, team.manager), optional=True, hint="Is told when time runs out."
        ),
        b.input_block("members", "Who takes leads", _users(mine, team.members), optional=True, hint="They take turns."),
        b.input_block(
            "hours",
            "Working hours",
            b.text_input(mine, initial=team.hours, placeholder="mon-fri 09:00-12:30, 13:30-18:00", max_length=500),
            hint="Clocks stand still outside them. Days differ? mon-thu 09:00-17:00; fri 09:00-14:00",
        ),
        b.input_block(
            "zone",
            "Time zone",
            b.external_select(
                f"{ZONE_OPTIONS}:{team.id}", "Type a city", initial=b.option(team.zone, team.zone), min_query=2
            ),
        ),
        b.input_block(
            "holidays",
            "Public holidays",
            b.text_input(mine, initial=team.holidays, placeholder="DE or US-CA", max_length=20),
            optional=True,
            hint="A country’s two letters, with its region if you like. The team is closed on them.",
        ),
        b.input_block(
            "closed",
            "Other closed days",
            b.text_input(mine, initial=", ".join(team.closed), placeholder="2026-12-24, 2026-12-31", max_length=2000),
            optional=True,
        ),
        *_marks(team, mine),
    ]
    context = {**remembered, "team": team.id, "version": team.version}
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


def policies_form(overview: Overview, remembered: Context) -> View:
    """The time to contact of each tier, and when a lead moves on by itself."""
    blocks: list[Block] = [
        back(),
        b.section("All times are working time of the lead’s team. Clocks that run keep the time they began with."),
    ]
    for policy in overview.policies[:POLICIES_SHOWN]:
        default = " (also for leads without a tier)" if policy.is_default else ""
        blocks.append(
            b.input_block(
                f"contact.{policy.tier}",
                f"{policy.tier}: contact within{default}",
                b.text_input(initial=policy.contact, placeholder="5m, 2h or 1h 30m", max_length=20),
            )
        )
        blocks.append(
            b.input_block(
                f"reassign_after.{policy.tier}",
                f"{policy.tier}: after a breach, give it to the next rep after",
                b.text_input(initial=policy.reassign_after, placeholder="never", max_length=20),
                optional=True,
            )
        )
    tiers = [policy.tier for policy in overview.policies[:POLICIES_SHOWN]]
    return b.modal("setup.policies", "Time to contact", blocks, context={**remembered, "tiers": tiers})


def people_form(overview: Overview, remembered: Context) -> View:
    """Who is an admin, a manager, a marketer."""
    blocks: list[Block] = [back(), b.section("Everybody who is in no list is a rep.")]
    for role in ROLE_FIELDS:
        label, hint = ROLE_LABELS[role]
        blocks.append(b.input_block(role, label, _users("value", overview.people[role]), optional=True, hint=hint))
    return b.modal("setup.people", "Who may do what", blocks, context=remembered)


def company_form(overview: Overview, remembered: Context) -> View:
    """Marketing's channel, the competitors, the currency."""
    blocks: list[Block] = [
        back(),
        b.input_block(
            "marketing_channel",
            "Marketing’s channel",
            _conversation("value", overview.marketing_channel),
            optional=True,
        ),
        b.input_block(
            "competitors",
            "Competitors, one on each line",
            b.text_input(initial="\n".join(overview.competitors), multiline=True, max_length=3000),
            optional=True,
            hint="They are recognised in what reps log.",
        ),
        b.input_block(
            "currency",
            "Currency of deals without a sign",
            b.text_input(initial=overview.currency, placeholder="EUR", max_length=3),
        ),
    ]
    return b.modal("setup.company", "Company", blocks, context=remembered)


def sources_list(overview: Overview, remembered: Context) -> View:
    """The systems that send leads, each with its switch."""
    blocks: list[Block] = [back()]
    for source in overview.sources[:SOURCES_SHOWN]:
        blocks.append(b.section(f"*{b.escape(source.name)}*{' · paused' if source.paused else ''}\n{_proof(source)}"))
        blocks.append(
            b.actions(
                b.button(
                    "Resume" if source.paused else "Pause",
                    f"setup.{'resume' if source.paused else 'pause'}",
                    source.name,
                ),
                b.button(
                    "New secret",
                    "setup.renew",
                    source.name,
                    confirm=b.confirm(
                        "Make a new secret?",
                        "The old one stops working at once, until the system has the new one.",
                        "Make it",
                    ),
                ),
                block_id=f"setup.source.{source.name}",
            )
        )
    if not overview.sources:
        blocks.append(b.section("No system sends leads yet. Add your website’s forms, your CRM, your chat."))
    blocks.append(b.actions(b.button("Add a source", f"{GO}:source", "source", style="primary"), block_id="setup.add"))
    return b.modal("setup.sources", "Systems", blocks, submit=None, close="Close", context=remembered)


def _proof(source: SourceSet) -> str:
    parts = [AUTHS.get(source.auth, source.auth)]
    if source.team:
        parts.append(f"team {b.escape(source.team)}")
    if source.tier:
        parts.append(f"tier {b.escape(source.tier)}")
    return " · ".join(parts)


def source_form(overview: Overview, remembered: Context) -> View:
    """A new system that sends leads."""
    auths = [b.option(label, value) for value, label in AUTHS.items()]
    teams = [b.option(team.name, team.key) for team in overview.teams if not team.archived][:100]
    tiers = [b.option(policy.tier, policy.tier) for policy in overview.policies][:100]
    blocks: list[Block] = [
        back(),
        b.input_block(
            "name",
            "Name",
            b.text_input(placeholder="website", max_length=40),
            hint="Part of the address it posts to: small letters, digits and dashes.",
        ),
        b.input_block("auth", "How it proves itself", b.select("value", "Pick one", auths, initial=auths[0])),
        b.input_block(
            "team", "Team for leads that name none", b.select("value", "The default team", teams), optional=True
        ),
        b.input_block(
            "tier", "Tier for leads that name none", b.select("value", "The default tier", tiers), optional=True
        ),
    ]
    return b.modal("setup.source", "New source", blocks, submit="Make secret", context=remembered)


def _conversation(action_id: str, initial: str | None) -> Element:
    element: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": action_id,
        "placeholder": b.plain("Pick a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return element | ({"initial_conversation": initial} if initial else {})


def _user(action_id: str, initial: str | None) -> Element:
    element: dict[str, Any] = {"type": "users_select", "action_id": action_id, "placeholder": b.plain("Pick a person")}
    return element | ({"initial_user": initial} if initial else {})


def _users(action_id: str, initial: Sequence[str]) -> Element:
    element: dict[str, Any] = {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": b.plain("Pick people"),
    }
    return element | ({"initial_users": list(initial)} if initial else {})
