"""Tiers, and systems that send leads: the list of each, and the form of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.config.overview import Overview, PolicySet, SourceSet
from domain.config.saving import Saved
from domain.config.values import LONGEST_SECONDS
from domain.leads.promised import Promised
from domain.versions import version_of
from domain.writeback.crms import CRMS
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.intake.adapter import Adapter
from handlers.intake.sources import ADAPTERS
from handlers.setup.fields_views import SHOW_FIELDS
from handlers.setup.growing import NOBODY, picked, rows
from handlers.setup.refusals import refused_lines, refused_strangers
from handlers.setup.silences import health_line
from handlers.setup.views import FIND, Context, back, saved_blocks, where_to_post
from handlers.setup.write_back_views import SHOW as SHOW_WRITE_BACK
from handlers.setup.write_back_words import write_back_line

TRY: Final = "lead.try_source"
"""What it does stands in handlers/leads/trial.py."""

IMPORT: Final = "imports.open"
"""What it does stands in handlers/imports/listeners.py."""

PICK_TEAM: Final = "setup.pick_team"
PICK_TIER: Final = "setup.pick_tier"
END_OLD: Final = "setup.end_old"
LONGEST_HOURS: Final = LONGEST_SECONDS // 3600
REFUSED_IN_LIST: Final = 1


def tiers_list(overview: Overview, remembered: Context, saved: Saved | None = None) -> View:
    """How soon a lead of each tier is contacted."""
    entries = [(_tier(policy), f"tier:{policy.tier}", f"setup.tier.{policy.tier}") for policy in overview.policies]
    blocks = [
        *saved_blocks(saved),
        back(),
        b.section("Leads of a tier are contacted within this time. Only the working hours of their team count."),
        *rows(entries, f"{FIND}:tier", "Find a tier"),
        b.actions(b.button("Add a tier", "setup.go:newtier", "tier:"), block_id="setup.add"),
    ]
    return b.modal("setup.tiers", "Time to contact", blocks, submit=None, close="Close", context=remembered)


def _tier(policy: PolicySet) -> str:
    after = f"the next rep {policy.reassign_after} after a breach" if policy.reassign_after else "stays with its rep"
    default = " · for leads without a tier" if policy.is_default else ""
    more = [f"claim within {policy.claim}"] if policy.claim else []
    more += [f"{policy.tries} tries in {_days(policy.tries_days)}"] if policy.tries else []
    more += [f"a meeting within {_days(policy.meeting_days)} of contact"] if policy.meeting_days else []
    further = f"\n{sentence_of(more)}" if more else ""
    return f"*{b.escape(policy.tier)}*{default}\nContact within {policy.contact} · {after}{further}"


def sentence_of(pieces: Sequence[str]) -> str:
    """The pieces in one line that begins with a capital."""
    line = " · ".join(pieces)
    return line[:1].upper() + line[1:]


def _days(days: int) -> str:
    return "1 working day" if days == 1 else f"{days} working days"


def _meaning(promised: Promised) -> str:
    """ "a lead that Sales gets now is to be contacted by Tue 11:20" as mrkdwn, with each further clock."""
    pieces = [f"claimed by {b.date(promised.claim_by)}"] if promised.claim_by is not None else []
    pieces.append(f"contacted by {b.date(promised.contact_by)}")
    if promised.tries_by is not None:
        pieces.append(f"tried {promised.tries} times by {b.date(promised.tries_by)} if nobody answers")
    if promised.meeting_by is not None:
        pieces.append(f"booked for a meeting by {b.date(promised.meeting_by)} at the latest")
    return f"a lead that {b.escape(promised.team)} gets now is to be {', '.join(pieces)}."


def tier_form(policy: PolicySet | None, overview: Overview, remembered: Context) -> View:
    """A tier's times; None: a new tier."""
    mine = f"of:{policy.tier if policy else ''}"
    blocks: list[Block] = [back("All tiers", "tiers")]
    if policy is None:
        blocks.append(
            b.input_block(
                "tier",
                "Name",
                b.text_input(mine, placeholder=_free("vip", [each.tier for each in overview.policies]), max_length=40),
                hint="Leads name their tier by this word: small letters, digits and dashes.",
            )
        )
    blocks += [
        b.input_block(
            "contact",
            "Contact within",
            b.text_input(mine, initial=policy.contact if policy else "", placeholder="5m, 2h or 1h 30m", max_length=40),
            hint=f"In working hours of the lead’s team; at most {LONGEST_HOURS}h. Clocks that run keep their time.",
        ),
        b.input_block(
            "reassign_after",
            "After a breach, the next rep gets the lead after",
            b.text_input(mine, initial=policy.reassign_after if policy else None, placeholder="never", max_length=40),
            optional=True,
            hint="Empty: only the manager moves the lead.",
        ),
        *_further_clocks(policy, mine),
    ]
    if policy is not None and policy.tier in overview.promised:
        blocks.insert(1, b.section(f"As it is set, {_meaning(overview.promised[policy.tier])}"))
    if policy is not None and policy.is_default:
        blocks.append(b.context("Leads without a tier get this one. Make another tier the default to remove this one."))
        return form("setup.tier", policy.tier, blocks, policy, {**remembered, "tier": policy.tier})
    mark = b.option("Leads without a tier get this one", "default")
    boxes = {"type": "checkboxes", "action_id": mine, "options": [mark]}
    blocks.append(b.input_block("default", "Default", boxes, optional=True))
    if policy is None:
        return form("setup.tier", "New tier", blocks, None, remembered)
    default = next(each.tier for each in overview.policies if each.is_default)
    sources = f", and the leads of {_named(policy.sources)}," if policy.sources else ""
    blocks.append(
        remove_button(
            "setup.remove_tier",
            policy.tier,
            "Remove this tier",
            f"Clocks that run keep their time. New leads that say “{policy.tier}”{sources} get the time of {default}.",
        )
    )
    return form("setup.tier", policy.tier, blocks, policy, {**remembered, "tier": policy.tier})


def _further_clocks(policy: PolicySet | None, mine: str) -> list[Block]:
    """The clocks that are off unless somebody fills them in."""

    def number(value: int | None) -> str | None:
        return str(value) if value else None

    return [
        b.input_block(
            "claim",
            "If nobody claims it, the next rep gets the lead after",
            b.text_input(mine, initial=policy.claim if policy else None, placeholder="never", max_length=40),
            optional=True,
            hint="In working hours, before the time to contact ends. Empty: no time to claim.",
        ),
        b.input_block(
            "tries",
            "Tries when nobody answers",
            b.text_input(mine, initial=number(policy.tries) if policy else None, placeholder="never", max_length=5),
            optional=True,
            hint="The card gets a button Tried. The first try is in time for the first contact. Empty: no such button.",
        ),
        b.input_block(
            "tries_days",
            "… within so many working days",
            b.text_input(mine, initial=number(policy.tries_days) if policy else "3", placeholder="3", max_length=5),
            optional=True,
        ),
        b.input_block(
            "meeting_days",
            "Working days from contact to the first meeting",
            b.text_input(
                mine, initial=number(policy.meeting_days) if policy else None, placeholder="never", max_length=5
            ),
            optional=True,
            hint="The rep says so by a button, or Calendly does. Empty: nobody asks for a meeting.",
        ),
        b.input_block(
            "bench_after",
            "Leads that a rep lets lapse until others get the new ones",
            b.text_input(mine, initial=number(policy.bench_after if policy else 2), placeholder="never", max_length=5),
            optional=True,
            hint="In a row, without even claiming them. The rep is told once, with a button I’m back. Empty: never.",
        ),
    ]


def sources_list(overview: Overview, remembered: Context, saved: Saved | None = None) -> View:
    """The systems that send leads."""
    entries = [
        (_source(source, overview), f"source:{source.name}", f"setup.source.{source.name}")
        for source in overview.sources
    ]
    blocks = [*saved_blocks(saved), back(), *rows(entries, f"{FIND}:source", "Find a source")]
    if not entries:
        blocks.append(b.section("No source sends leads yet. Add your website’s forms, your CRM, your call recorder."))
    blocks += refused_strangers(overview.refused)
    add = b.button("Add a source", "setup.go:newsource", "source:", style=None if entries else "primary")
    blocks.append(b.actions(add, b.button("Import a CSV", IMPORT), block_id="setup.add"))
    return b.modal("setup.sources", "Sources", blocks, submit=None, close="Close", context=remembered)


def _source(source: SourceSet, overview: Overview) -> str:
    lines = refused_lines(overview.refused, source.name)
    refused = "".join(f"\n{line}" for line in lines[:REFUSED_IN_LIST])
    parts = [ADAPTERS[source.auth].title if source.auth in ADAPTERS else source.auth]
    if source.team:
        parts.append(f"team {b.escape(source.team)}")
    if source.tier:
        parts.append(f"tier {b.escape(source.tier)}")
    lacks = _lacks(source)
    tested = overview.tested.get(source.name)
    tried = f"\nTest received {b.date(tested)}: a test brings no lead." if tested is not None else ""
    return (
        f"*{b.escape(source.name)}*{' · paused' if source.paused else ''}\n{' · '.join(parts)}{lacks}{tried}{refused}"
    )


def _lacks(source: SourceSet) -> str:
    """That the system tells nothing yet, since Tandem has nothing to ask it with; empty where nothing lacks."""
    adapter = ADAPTERS.get(source.auth)
    if adapter is None or not adapter.key_of or source.has_key:
        return ""
    return f"\n:warning: No {_key_name(adapter)} yet: what {adapter.key_of} tells waits until there is one."


def _key_name(adapter: Adapter) -> str:
    """What the vendor calls that with which Tandem asks for more."""
    return f"{'access token' if adapter.ask is not None else 'API key'} of {adapter.key_of}"


def source_form(source: SourceSet | None, overview: Overview, remembered: Context, public_url: str | None) -> View:
    """A system that sends leads: where it posts to, and what can be done about it; None: a new one."""
    mine = source.name if source else ""
    blocks: list[Block] = [back("All sources", "sources")]
    if source is None:
        auths = [b.option(adapter.title, value) for value, adapter in ADAPTERS.items()]
        blocks += [
            b.input_block(
                "name",
                "Name",
                b.text_input(placeholder=_free("website", [each.name for each in overview.sources]), max_length=40),
                hint="Part of the address that the system posts to: small letters, digits and dashes.",
            ),
            b.input_block(
                "auth",
                "Which system sends, or how it proves itself",
                b.select("value", "Pick one, or type a part of its name", auths, initial=auths[0]),
            ),
        ]
    else:
        blocks.append(b.section(_source(source, overview)))
        blocks.append(b.context(health_line(overview.health.get(source.name))))
        blocks += [b.context(line) for line in refused_lines(overview.refused, source.name)[REFUSED_IN_LIST:]]
        if source.auth in CRMS:
            blocks.append(b.context(write_back_line(overview.write_backs.get(source.name))))
        blocks += where_to_post(source.name, source.auth, public_url)
    adapter = ADAPTERS.get(source.auth) if source else None
    settable = _for_leads(source, overview, mine) if adapter is None or adapter.delivery_key is not None else []
    if source is not None and adapter is not None and adapter.secret_of:
        settable.append(_secret_of(adapter.secret_of))
    if source is not None and adapter is not None and adapter.key_of:
        settable.append(_key(source, adapter))
    blocks += settable
    if source is None:
        return b.modal("setup.source", "New source", blocks, submit="Make secret", context=remembered)
    blocks.append(_switches(source))
    if (until := overview.old_until.get(source.name)) is not None:
        blocks.append(old_secret(source.name, until))
    if not settable:
        return b.modal("setup.done", source.name, blocks, submit=None, close="Close", context=remembered)
    return form("setup.change_source", source.name, blocks, source, {**remembered, "source": source.name})


def _for_leads(source: SourceSet | None, overview: Overview, mine: str) -> list[Block]:
    team = next(((each.name, each.key) for each in overview.teams if source and each.key == source.team), None)
    return [
        b.input_block(
            "team",
            "Team for leads that name none",
            picked(f"{PICK_TEAM}:{mine}", "Pick a team", team or default_team(overview)),
        ),
        b.input_block(
            "tier",
            "Tier for leads that name none",
            picked(
                f"{PICK_TIER}:{mine}",
                "Pick a tier",
                (source.tier, source.tier) if source and source.tier else default_tier(overview),
            ),
        ),
    ]


def _secret_of(whose: str) -> Block:
    """The secret that the vendor signs with, where the vendor makes one. It is sealed, and never shown again."""
    told = f"With what {whose} signs. It is never shown. The secret that there is works for another day."
    box = b.text_input(placeholder="Paste it here", max_length=2000)
    return b.input_block("secret", f"Secret of {whose}", box, hint=told, optional=True)


def _key(source: SourceSet, adapter: Adapter) -> Block:
    """The key that Tandem asks with: it is sealed, and never shown again."""
    without = (
        "Without it, no lead is read: the webhook only names them."
        if adapter.ask is not None
        else "Without it, what was said is not read."
    )
    told = "There is one. Leave this empty to keep it." if source.has_key else without
    name = _key_name(adapter)
    label = f"{name[0].upper()}{name[1:]}"
    return b.input_block(
        "key", label, b.text_input(placeholder="Paste it here", max_length=2000), hint=told, optional=True
    )


def _switches(source: SourceSet) -> Block:
    word = "Resume" if source.paused else "Pause"
    renew = b.confirm(
        "Make a new secret?",
        "Tandem shows it once. The old secret works for another day, so that nothing is lost until the system has "
        "the new one.",
        "Make it",
    )
    remove = b.confirm(
        "Remove this source?",
        f"What {source.name} sends is refused from now on. Its leads and their clocks stay. "
        "To stop the source for a while, pause the source.",
        "Remove",
    )
    adapter = ADAPTERS.get(source.auth)
    theirs = adapter is not None and adapter.only_theirs
    brings_leads = adapter is not None and adapter.delivery_key is not None
    return b.actions(
        *([b.button("Which field is what", SHOW_FIELDS, source.name)] if brings_leads else []),
        *([b.button("Send a test lead", TRY, source.name)] if brings_leads else []),
        *([b.button("Write back", SHOW_WRITE_BACK, source.name)] if source.auth in CRMS else []),
        b.button(word, f"setup.{word.lower()}", source.name),
        *([] if theirs else [b.button("New secret", "setup.renew", source.name, confirm=renew)]),
        b.button("Remove", "setup.remove_source", source.name, style="danger", confirm=remove),
        block_id="setup.switches",
    )


def old_secret(name: str, until: datetime) -> Block:
    """Until when the secret before the last change is believed, and how to end that."""
    ask = b.confirm(
        "End the old secret?",
        "What still comes with it is refused from now on. Do this once the system has the new secret, or when somebody "
        "who should not has the old one.",
        "End it",
    )
    return b.section(
        f"The old secret works until {b.date(until)}, besides the new one.",
        accessory=b.button("End it now", END_OLD, name, confirm=ask),
        block_id="setup.old_secret",
    )


def form(callback_id: str, title: str, blocks: Sequence[Block], shown: object, context: Context) -> View:
    """A form that carries the version of what it shows."""
    return b.modal(callback_id, title, blocks, context={**context, "version": version_of(shown)})


def remove_button(action_id: str, value: str | int, label: str, follows: str) -> Block:
    ask = b.confirm(f"{label}?", follows, "Remove")
    return b.actions(b.button(label, action_id, value, style="danger", confirm=ask), block_id="setup.remove")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _free(name: str, taken: Sequence[str]) -> str:
    """An example that could be typed here: no name that is taken."""
    return name if name not in taken else f"{name}-2"


def default_team(overview: Overview) -> tuple[str, str]:
    """The entry of a select that stands for no team in particular."""
    return next((f"{team.name}, the default", NOBODY) for team in overview.teams if team.is_default)


def default_tier(overview: Overview) -> tuple[str, str]:
    """The entry of a select that stands for no tier in particular."""
    return next((f"{policy.tier}, the default", NOBODY) for policy in overview.policies if policy.is_default)
