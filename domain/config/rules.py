"""What both sides agreed on besides teams: policies, sources, and the workspace's own settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from sqlalchemy import select, update

from domain.accounts import account_slug, find_or_add_account
from domain.changes import Change, What
from domain.config.comparison import Comparison, NewSource
from domain.config.definition import compare_definition
from domain.config.errors import SettingsRefused
from domain.config.policy_fields import POLICY_FIELDS
from domain.config.problems import Loc
from domain.config.schema import PolicySettings, SourceSettings
from domain.config.values import describe_duration, describe_or_never
from domain.sources import forget_source, free_name
from domain.text import compare_key
from domain.voc.watching import announce_watch
from storage.models import Account, Policy, Source, Team

NUMBERS: Final[Mapping[What, Callable[[int], int | str]]] = {
    "answer_days": describe_or_never,
    "answer_accounts": int,
    "rising_accounts": describe_or_never,
    "rising_times": int,
    "rising_a_day": int,
    "asked_a_day": describe_or_never,
    "goal_a_month": describe_or_never,
    "average_deal": describe_or_never,
    "won_of_1000": describe_or_never,
}
"""The numbers that the workspace itself has as settings, and how the file writes each."""


CHANNELS: Final[tuple[What, ...]] = ("marketing_channel", "wins_channel")


def compare_workspace(comparison: Comparison) -> None:
    """Currency, marketing's channel and its numbers, the reaction that logs, watched channels and competitors (all of
    them), and accounts (only ever added).
    """
    workspace, config = comparison.workspace, comparison.config
    comparison.about = "company"
    if config.currency is not None and config.currency != workspace.currency:
        currency = config.currency
        comparison.step(
            Change("currency", before=workspace.currency, after=currency),
            lambda: setattr(workspace, "currency", currency),
        )
    for setting in CHANNELS:
        _compare_channel(comparison, setting)
    if config.capture_emoji is not None and config.capture_emoji != workspace.capture_emoji:
        emoji = config.capture_emoji
        comparison.step(
            Change("capture_emoji", before=workspace.capture_emoji, after=emoji),
            lambda: setattr(workspace, "capture_emoji", emoji),
        )
    _compare_numbers(comparison)
    compare_definition(comparison)
    if config.watched_channels is not None:
        _compare_watched(comparison, config.watched_channels)
    if config.competitors is not None:
        _compare_competitors(comparison, config.competitors)
    if config.accounts:
        _compare_accounts(comparison, config.accounts)


def _compare_channel(comparison: Comparison, setting: What) -> None:
    """A channel of the workspace itself; "none" takes it away."""
    given = getattr(comparison.config, setting)
    channel = comparison.channel((setting,), given) if given is not None else None
    now = getattr(comparison.workspace, setting)
    if channel is None or (channel or None) == now:
        return
    before, after = map(comparison.channel_called, (now, channel))
    comparison.step(
        Change(setting, before=before, after=after), partial(setattr, comparison.workspace, setting, channel or None)
    )


def _compare_numbers(comparison: Comparison) -> None:
    """In how many working days marketing answers a theme, what makes a theme rise, about how many items it is asked,
    what leads are to bring.

    Promises that run stay.
    """
    for setting, told in NUMBERS.items():
        given, before = getattr(comparison.config, setting), getattr(comparison.workspace, setting)
        if given is not None and given != before:
            comparison.step(
                Change(setting, before=str(told(before)), after=str(told(given))),
                partial(setattr, comparison.workspace, setting, given),
            )


def _compare_watched(comparison: Comparison, given: list[str]) -> None:
    """The channels in which Tandem suggests what to log, all of them. Each that is new is told so."""
    workspace = comparison.workspace
    found = [comparison.channel(("watched_channels", index), one) for index, one in enumerate(given)]
    wanted = list(dict.fromkeys(one for one in found if one))
    before = [str(one) for one in workspace.watched_channels or ()]
    added = [one for one in wanted if one not in before]
    removed = [one for one in before if one not in wanted]
    if not added and not removed:
        return

    def write() -> None:
        workspace.watched_channels = wanted
        for channel in added:
            announce_watch(comparison.session, workspace.id, channel, by=comparison.by, at=comparison.at)

    comparison.about = "watch"
    named = (tuple(map(comparison.channel_called, channels)) for channels in (added, removed))
    comparison.step(Change("watched_channels", added=next(named), removed=next(named)), write)
    comparison.about = "company"


def _compare_competitors(comparison: Comparison, given: list[str]) -> None:
    workspace = comparison.workspace
    wanted = list({compare_key(name) or name: name for name in reversed(given)}.values())[::-1]
    before = [str(name) for name in workspace.competitors]
    added = [name for name in wanted if name not in before]
    removed = [name for name in before if name not in wanted]
    if not added and not removed:
        return
    change = Change("competitors", added=tuple(added), removed=tuple(removed))
    comparison.step(change, lambda: setattr(workspace, "competitors", wanted))


def _compare_accounts(comparison: Comparison, given: list[str]) -> None:
    session, workspace_id = comparison.session, comparison.workspace.id
    wanted = {account_slug(name): name for name in reversed(given)}
    known = set(
        session.scalars(select(Account.slug).where(Account.workspace_id == workspace_id, Account.known)),
    )
    new = [name for slug, name in reversed(wanted.items()) if slug not in known]
    if not new:
        return

    def write() -> None:
        for name in new:
            account = find_or_add_account(session, workspace_id, name, at=comparison.at)
            session.get_one(Account, account.id).known = True
        session.flush()

    count = Change("accounts", after=str(len(new)))
    comparison.step(replace(count, added=tuple(new)), write, record=count)


def compare_policies(comparison: Comparison) -> None:
    """Add a step for each thing that differs about the policies. Clocks that run keep the terms they began with."""
    session, workspace_id = comparison.session, comparison.workspace.id
    rows = session.scalars(
        select(Policy).where(Policy.workspace_id == workspace_id).order_by(Policy.position, Policy.id)
    ).all()
    policies = {policy.tier: policy for policy in rows}
    fallback = next(policy for policy in rows if policy.is_default)
    settings = comparison.config.policies or ()
    default = next((policy.tier for policy in settings if policy.default and not policy.removed), fallback.tier)
    position = max(policy.position for policy in rows)
    for index, wanted in enumerate(settings):
        loc: Loc = ("policies", index)
        comparison.about = f"policy:{wanted.tier}"
        if wanted.removed:
            continue
        if wanted.default is False and wanted.tier == default:
            comparison.problem((*loc, "default"), SettingsRefused("no_default_tier"))
        policy = policies.get(wanted.tier)
        if policy is None and wanted.contact is None:
            comparison.problem((*loc, "contact"), SettingsRefused("no_contact"))
            continue
        half = wanted.half or (policy.half_at if policy else 0.5)
        remind = wanted.remind or (policy.remind_at if policy else 0.8)
        if half >= remind:
            comparison.problem(
                (*loc, "remind"),
                SettingsRefused("reminder_too_early", (f"{remind:.0%}", f"{half:.0%}")),
            )
        if policy is None:
            position += 1
            _new_policy(comparison, wanted, position)
        else:
            _changed_policy(comparison, wanted, policy)
    if default != fallback.tier:
        comparison.about = f"policy:{default}"

        def write() -> None:
            fallback.is_default = False
            session.flush()
            session.execute(
                update(Policy)
                .where(Policy.workspace_id == workspace_id, Policy.tier == default)
                .values(is_default=True)
            )

        comparison.step(Change("tier_default", default, before=fallback.tier), write)
    for index, wanted in enumerate(settings):
        if wanted.removed:
            _remove_policy(comparison, ("policies", index), policies.get(wanted.tier), default)


def _remove_policy(comparison: Comparison, loc: Loc, policy: Policy | None, default: str) -> None:
    """Clocks that run keep their terms; leads and sources that name the tier go by the default from now on."""
    if policy is None:
        return
    if policy.tier == default:
        comparison.problem((*loc, "removed"), SettingsRefused("default_removed"))
        return
    comparison.about = f"policy:{policy.tier}"
    comparison.step(
        Change("tier_removed", policy.tier, after=default),
        lambda: comparison.session.delete(policy),
    )
    named = {wanted.name for wanted in comparison.config.sources or () if wanted.tier is not None or wanted.removed}
    sources = comparison.session.scalars(
        select(Source).where(Source.workspace_id == comparison.workspace.id, Source.tier == policy.tier)
    )
    for source in sources:
        if source.name not in named:
            comparison.step(
                Change("source_changed", source.name, "tier", policy.tier), partial(setattr, source, "tier", None)
            )


def _new_policy(comparison: Comparison, wanted: PolicySettings, position: int) -> None:
    given = {one: getattr(wanted, one.setting) for one in POLICY_FIELDS}
    values = {one.column: one.default if value is None else one.stored(value) for one, value in given.items()}

    def write() -> None:
        workspace_id = comparison.workspace.id
        comparison.session.add(Policy(workspace_id=workspace_id, tier=wanted.tier, position=position, **values))
        comparison.session.flush()

    comparison.step(Change("tier_added", wanted.tier, after=describe_duration(wanted.contact or 0)), write)


def _changed_policy(comparison: Comparison, wanted: PolicySettings, policy: Policy) -> None:
    for one in POLICY_FIELDS:
        given, before = getattr(wanted, one.setting), getattr(policy, one.column)
        if given is not None and one.stored(given) != before:
            value = one.stored(given)
            comparison.step(
                Change("tier_changed", policy.tier, one.setting, one.told(before), one.told(value)),
                partial(setattr, policy, one.column, value),
            )


def compare_sources(comparison: Comparison) -> None:
    """Add a step for each source that differs; new ones are noted, for their secrets are made when applying."""
    session, workspace_id = comparison.session, comparison.workspace.id
    settings = comparison.config.sources or ()
    rows = session.scalars(select(Source).where(Source.name.in_([wanted.name for wanted in settings]))).all()
    sources = {row.name: row for row in rows}
    for index, wanted in enumerate(settings):
        loc: Loc = ("sources", index)
        comparison.about = f"source:{wanted.name}"
        row = sources.get(wanted.name)
        if wanted.removed:
            if row is not None and row.workspace_id == workspace_id:
                comparison.step(Change("source_removed", row.name), partial(forget_source, session, row))
            continue
        known_team(comparison, (*loc, "team"), wanted.team)
        known_tier(comparison, (*loc, "tier"), wanted.tier)
        if row is None:
            auth = wanted.auth or "standard_webhooks"
            comparison.new_sources.append(
                NewSource(wanted.name, auth, wanted.team or None, wanted.tier or None, bool(wanted.paused))
            )
        elif row.workspace_id != workspace_id:
            free = free_name(session, workspace_id, wanted.name)
            comparison.problem(
                (*loc, "name"),
                SettingsRefused("source_taken_elsewhere", (wanted.name, free)),
            )
        else:
            _changed_source(comparison, loc, wanted, row)


def _changed_source(comparison: Comparison, loc: Loc, wanted: SourceSettings, row: Source) -> None:
    if wanted.auth is not None and wanted.auth != row.auth:
        comparison.problem(
            (*loc, "auth"),
            SettingsRefused("source_signs", (row.name, row.auth)),
        )
    if wanted.team is not None and (wanted.team or None) != row.team_key:
        team = wanted.team or None
        comparison.step(
            Change("source_changed", row.name, "team", row.team_key or "", team or ""),
            lambda: setattr(row, "team_key", team),
        )
    if wanted.tier is not None and (wanted.tier or None) != row.tier:
        tier = wanted.tier or None
        comparison.step(
            Change("source_changed", row.name, "tier", row.tier or "", tier or ""),
            lambda: setattr(row, "tier", tier),
        )
    if wanted.paused is not None and wanted.paused != row.paused:
        paused = wanted.paused
        change = Change("source_paused" if paused else "source_resumed", row.name)
        comparison.step(change, lambda: setattr(row, "paused", paused))


def known_team(comparison: Comparison, loc: Loc, key: str | None) -> None:
    if not key or any(team.key == key for team in comparison.config.teams or ()):
        return
    keys = comparison.session.scalars(select(Team.key).where(Team.workspace_id == comparison.workspace.id)).all()
    if key not in keys:
        comparison.problem(loc, SettingsRefused("unknown_team", (key,), tuple(sorted(keys))))


def known_tier(comparison: Comparison, loc: Loc, tier: str | None) -> None:
    if not tier or any(policy.tier == tier and not policy.removed for policy in comparison.config.policies or ()):
        return
    removed = {policy.tier for policy in comparison.config.policies or () if policy.removed}
    rows = comparison.session.scalars(
        select(Policy.tier).where(Policy.workspace_id == comparison.workspace.id).order_by(Policy.position)
    )
    tiers = [each for each in rows if each not in removed]
    if tier not in tiers:
        comparison.problem(loc, SettingsRefused("unknown_tier", (tier,), tuple(tiers)))
