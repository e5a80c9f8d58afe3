"""The hub of `/tandem setup`, what a source's secret looks like the one time it is shown, and the help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.config.overview import Overview, TeamSet
from domain.config.saving import Saved
from domain.llm.budget import LlmSet
from domain.text import shorten
from domain.voc.example import GENERIC, Example
from handlers import blocks as b
from handlers.answers import Block, Receipt, View
from handlers.declared import Listener, commands_of
from handlers.intake.sources import ADAPTERS
from handlers.setup.growing import rows
from handlers.setup.model import model_row
from handlers.setup.starters import choose_button
from handlers.words import change_sentence, note_sentence

GO: Final = "setup.go"
FIND: Final = "setup.find"
CHANGES_SHOWN: Final = 12

Context = Mapping[str, Any]


def hub(
    overview: Overview, prefix: str, remembered: Context, saved: Saved | None = None, *, llm: LlmSet | None
) -> View:
    """Everything that can be set, with what is set now. `saved`: what was just changed, said on top.

    `llm`: the language model, None where whoever runs Tandem set none.
    """
    blocks: list[Block] = [*saved_blocks(saved), *_teams(overview)]
    blocks += [
        b.divider(),
        _row("Time to contact", _policies(overview), "tiers", "Change"),
        _row(
            "Which lead goes to whom",
            routes_line(overview),
            "routes",
            "Change" if overview.routes else "Set",
        ),
        _row(
            "Definition of a lead",
            _definition(overview),
            "definition",
            "Change" if overview.definition.version else "Set",
        ),
        _row("Sources of leads", _sources(overview), "sources", "Open" if overview.sources else "Add"),
        _row("Who may do what", _people(overview), "people", "Change"),
        _row("Company", _company(overview), "company", "Change"),
        b.section(
            "*Themes*\nThose that nearly every sales team meets, to begin with",
            accessory=choose_button("setup"),
            block_id="setup.themes",
        ),
        _row("Weekly digests", _digests(overview), "digests", "Open" if overview.audiences else "Add"),
        _row("Suggestions in channels", _watched(overview), "watch", "Change"),
        _row("Webhooks", _webhooks(overview), "webhooks", "Open" if overview.webhooks else "Add"),
        model_row(overview.model, llm),
        b.context(
            f"`/{prefix}tandem digest` shows what the next digest says. "
            "All this, and some more, can live in a file: `./tandem config apply tandem.toml`."
        ),
    ]
    return b.modal("setup.hub", "Settings", blocks, submit=None, close="Close", context=remembered)


def saved_blocks(saved: Saved | None) -> list[Block]:
    """What was just changed, to stand on top of the list that it was changed in."""
    if saved is None:
        return []
    if not saved.changes:
        return [b.section("Nothing changed: all this was set already."), b.divider()]
    lines = [
        f"•  {b.channels_named(shorten(change_sentence(change), 220))}" for change in saved.changes[:CHANGES_SHOWN]
    ]
    left = len(saved.changes) - CHANGES_SHOWN
    if left > 0:
        lines.append(f"and {left} more")
    lines += [b.escape(note_sentence(note)) for note in saved.notes]
    return [b.section("\n".join([":white_check_mark: *Saved*", *lines])), b.divider()]


def _teams(overview: Overview) -> list[Block]:
    active = [team for team in overview.teams if not team.archived]
    archived = [team for team in overview.teams if team.archived]
    blocks: list[Block] = [b.section("*Teams that take leads*")]
    alone = len(active) == 1
    blocks += rows([(_team(team, alone=alone), *_team_row(team)) for team in active], f"{FIND}:team", "Find a team")
    blocks.append(b.actions(b.button("Add a team", f"{GO}:new", "team:0"), block_id="setup.add"))
    if archived:
        blocks.append(b.section("*Archived teams*, which take no leads"))
        named = [(b.escape(shorten(team.name, 80)), *_team_row(team)) for team in archived]
        blocks += rows(named, f"{FIND}:archived", "Find an archived team")
    return blocks


def _team_row(team: TeamSet) -> tuple[str, str]:
    return f"team:{team.id}", f"setup.team.{team.id}"


def _team(team: TeamSet, *, alone: bool) -> str:
    name = f"*{b.escape(shorten(team.name, 80))}*"
    marked = " · gets leads that name no team" if team.is_default and not alone else ""
    channel = f"<#{team.channel}>" if team.channel else "no channel"
    manager = b.mention(team.manager) if team.manager else "no manager"
    people = f"{len(team.members)} {'person' if len(team.members) == 1 else 'people'}"
    hours = f"{team.hours}, {team.zone}" + (f", holidays of {team.holidays}" if team.holidays else "")
    return f"{name}{marked}\n{channel} · {manager} · {people}\n{b.escape(hours)}"


def routes_line(overview: Overview) -> str:
    """What rules there are about where leads go, as mrkdwn."""
    named = [
        f"{b.escape(shorten(route.name, 60))} → {team_name(overview, route.team)}" for route in overview.routes[:10]
    ]
    left = len(overview.routes) - len(named)
    if left > 0:
        named.append(f"{left} more")
    return " · ".join(named) or f"No rules: to the team that a lead names, else to {team_name(overview)}"


def team_name(overview: Overview, key: str | None = None) -> str:
    """The name of the team with this key, as mrkdwn; None: of the default team."""
    found = next((team.name for team in overview.teams if (team.is_default if key is None else team.key == key)), key)
    return b.escape(found or "")


def _policies(overview: Overview) -> str:
    return (
        " · ".join(f"{b.escape(policy.tier)} {policy.contact}" for policy in overview.policies[:20])
        + " of working time"
    )


def _people(overview: Overview) -> str:
    counts = (
        f"{len(user_ids)} {role if len(user_ids) == 1 else f'{role}s'}" for role, user_ids in overview.people.items()
    )
    return " · ".join(reversed(list(counts))) + " · everybody else is a rep"


def _company(overview: Overview) -> str:
    channel = (
        f"marketing in <#{overview.company.marketing_channel}>"
        if overview.company.marketing_channel
        else "no marketing channel"
    )
    named = ", ".join(overview.company.competitors)
    competitors = b.escape(shorten(named, 200)) if named else "none"
    return f"{channel} · {b.escape(overview.company.currency)} · competitors: {competitors}"


def _definition(overview: Overview) -> str:
    definition = overview.definition
    if not definition.criteria:
        return "Sales gets every lead: no criteria are set"
    named = b.escape(shorten(", ".join(definition.criteria), 300))
    return f"Version {definition.version}: {named}"


def _watched(overview: Overview) -> str:
    named = [f"<#{channel}>" for channel in overview.watched[:20]]
    return f"in {' · '.join(named)}" if named else "in no channel"


def _sources(overview: Overview) -> str:
    named = [f"{b.escape(source.name)}{' (paused)' if source.paused else ''}" for source in overview.sources[:20]]
    return " · ".join(named) or "none yet"


def _webhooks(overview: Overview) -> str:
    named = [f"{b.escape(host)}{' (paused)' if paused else ''}" for host, paused in overview.webhooks]
    return " · ".join(named) or "changes of leads and of what customers say go to no other system"


def _digests(overview: Overview) -> str:
    named = []
    for audience in overview.audiences[:20]:
        where = f"<#{audience.channel}>" if audience.channel and not audience.paused else "goes nowhere"
        named.append(f"{b.escape(audience.key)}: {where}")
    return " · ".join(named) or "none"


def _row(title: str, words: str, value: str, label: str) -> Block:
    return b.section(
        f"*{title}*\n{shorten(words, 2500)}",
        accessory=b.button(label, f"{GO}:{value}", value),
        block_id=f"setup.{value}",
    )


def back(label: str = "All settings", to: str = "hub") -> Block:
    """The way from a form to its list, and from there to the hub."""
    return b.actions(_way_back(label, to), block_id="setup.back")


def _way_back(label: str = "All settings", to: str = "hub") -> Block:
    return b.button(f"← {label}", f"{GO}:back", to)


def secret_shown(
    name: str, auth: str, secret: str, public_url: str | None, remembered: Context, *, renewed: bool = False
) -> View:
    """The only time that a source's secret is readable, and where to post leads with it.

    `renewed`: there was one before, which works for another day.
    """
    adapter = ADAPTERS.get(auth)
    blocks = [
        b.section("*Copy this secret now.* Tandem shows the secret only this once. If it is lost, make a new one."),
        code(secret),
    ]
    if renewed:
        blocks.append(b.section("The old secret works for another day. Nothing is lost until the system has this one."))
    if adapter is not None and adapter.only_theirs:
        blocks = [
            b.section(f"*{adapter.secret_of} makes the secret.* Paste it into this source: nothing is taken before.")
        ]
    onward = b.button("Open this source", f"{GO}:source", f"source:{name}", style="primary")
    blocks += [*where_to_post(name, auth, public_url), b.actions(onward, _way_back(), block_id="setup.back")]
    return b.modal("setup.secret", shorten(name, 24), blocks, submit=None, close="Done", context=remembered)


def where_to_post(name: str, auth: str, public_url: str | None) -> list[Block]:
    """The address of a source, and what goes where in the system that sends."""
    adapter = ADAPTERS.get(auth)
    leads = adapter is None or adapter.delivery_key is not None
    how = adapter.how if adapter is not None else "The secret goes where the system asks for it."
    unknown = "" if public_url else "The server’s address is not set (`PUBLIC_URL`): write it in place of YOUR-TANDEM."
    return [
        b.section("Leads are posted to" if leads else "The webhook’s address is"),
        code(f"{(public_url or 'https://YOUR-TANDEM').rstrip('/')}/intake/{name}"),
        b.context(how, unknown),
    ]


def code(text: str) -> Block:
    """A text to copy, in which nothing is markup."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }


def help_text(
    listeners: Iterable[Listener], prefix: str, example: Example, *, role: str | None, unknown: str = ""
) -> Receipt:
    """What can be typed, from the declarations themselves, with names that the workspace knows.

    `role`: the reader's, who reads what they work with; None: everything.
    """
    intro = "Tandem keeps sales and marketing in one loop. This is what you can type:"
    if unknown:
        intro = f"I don’t know “{b.escape(shorten(unknown, 60))}”. This is what you can type:"
    blocks, left = [b.section(intro)], 0
    for name, parts in commands_of(listeners).items():
        told = [one for one in parts if one.help and one.word != "help"]
        shown = [one for one in told if role is None or role in one.listed_for]
        left += len(told) - len(shown)
        lines = [f"*{b.escape(parts[0].about)}*"]
        for one in shown:
            typed = f"/{prefix}{name} {one.usage.replace(GENERIC.line, example.line)}".strip()
            lines.append(f"`{b.escape(typed)}`  {_sentence(one.help)}")
        if shown:
            blocks.append(b.section("\n".join(dict.fromkeys(lines))))
    more = f" Others can type more: `/{prefix}tandem help all`." if left else ""
    blocks.append(b.context(f"`help` after a command says more, for example `/{prefix}voc help`.{more}"))
    return Receipt("What you can type", blocks)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def not_an_admin(admins: Sequence[str], prefix: str) -> Receipt:
    """Who can change settings, for those who cannot."""
    if not admins:
        return Receipt(
            "Only admins can change settings, and this workspace has none yet. Slack’s own admins are the first."
        )
    named = ", ".join(b.mention(user_id) for user_id in admins[:5])
    return Receipt(f"Only admins can change settings. Ask {named}. `/{prefix}tandem help` lists what you can do.")
