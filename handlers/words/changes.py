"""Sentences about what settings change: for the command line, for the page in Slack, over a form that was overtaken.

They are plain text, whole: whoever shows one in mrkdwn escapes all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.changes import Change, Note
from handlers.words.lengths import listed

_SHOWN: Final = 8
"""Names of a list that a sentence tells."""

_OF_TEAM: Final = {
    "hours": "hours change",
    "zone": "time zone changes",
    "holidays": "holidays change",
    "closed": "closed days change",
    "distribution": "how leads are shared out changes",
    "weights": "weights change",
    "most_an_hour": "leads an hour for each member change",
    "most_a_day": "leads a day for each member change",
    "most_open": "open leads for each member change",
    "own_hours": "hours in everybody's own time zone change",
    "fallback": "who looks after leads that nobody is free for changes",
    "delegate": "who stands in for the manager changes",
}
_OF_COMPANY: Final[Mapping[str, str]] = {
    "currency": "currency",
    "capture_emoji": "the reaction that logs a message",
    "sql_means": "what SQL means",
    "wins_channel": "channel in which wins are posted",
    "answer_days": "working days for the first answer to a theme",
    "answer_accounts": "accounts from which on a theme is promised an answer",
    "rising_accounts": "accounts in 7 days from which on a theme rises",
    "rising_times": "how many times as many as before make a theme rise",
    "rising_a_day": "themes that rise of which marketing is told a day",
    "asked_a_day": "items about whose theme marketing is asked a day",
    "goal_a_month": "what leads are to bring a month",
    "average_deal": "what an average deal is reckoned with",
    "won_of_1000": "how many of 1,000 leads are reckoned as won",
}
_OF_TIER: Final = {
    "contact": "contact",
    "half": "half time",
    "remind": "reminder",
    "reassign_after": "reassign after",
    "max_reassigns": "at most",
    "claim": "claim within",
    "tries": "tries",
    "untouched_after": "alarm of untouched leads after",
    "bench_after": "leads that lapse until a rep gets none",
    "tries_days": "working days for all tries",
    "meeting_days": "working days to the first meeting",
}
_OF_DIGEST: Final = {"zone": "time zone", "paused": "is", "when_empty": "empty week"}
_QUOTED: Final = ("name", "hours")
_NONE: Final = {
    "manager": "nobody",
    "fallback": "nobody",
    "delegate": "nobody",
    "untouched_after": "never",
    "reassign_after": "never",
    "claim": "never",
    "tries": "never",
    "bench_after": "never",
    "meeting_days": "never",
}


def change_sentence(change: Change | str) -> str:
    """What changes; a text that stands in place of it (an answer, a sentence of an earlier release) as it is."""
    if isinstance(change, str):
        return change
    match change.what.partition("_")[0]:
        case "team":
            return _team(change)
        case "tier":
            return _tier(change)
        case "digest":
            return _digest(change)
        case "source":
            return _source(change)
        case "role":
            return _role(change)
        case "route":
            return _route(change)
    match change.what:
        case "competitors":
            lists = [(change.added, "added"), (change.removed, "removed")]
            return f"competitors: {', '.join(f'{_names(names)} {done}' for names, done in lists if names)}"
        case "watched_channels":
            lists = [(change.added, "in"), (change.removed, "no more in")]
            return f"suggestions: {', '.join(f'{told} {_names(names)}' for names, told in lists if names)}"
        case "criteria":
            lists = [(change.added, "asked for"), (change.removed, "no more asked for")]
            told = "; ".join(f"{done}: {_names(names)}" for names, done in lists if names)
            return f"definition of a lead, version {change.name}: {told or 'the criteria stand in another order'}"
        case "triage":
            told = f"the time to look at a held lead changes from {change.before} to {change.after}"
            return f"definition of a lead, version {change.name}: {told}"
        case "account_owner":
            return f"account “{change.name}”: owner {change.before or 'nobody'} → {change.after or 'nobody'}"
        case "accounts":
            count = f"{change.after} {'account is' if change.after == '1' else 'accounts are'} added"
            return f"{count}: {_names(change.added)}" if change.added else count
    what = _OF_COMPANY.get(change.what, "marketing channel")
    return f"{what} changes from {change.before or 'none'} to {change.after or 'none'}"


def note_sentence(note: Note) -> str:
    """What is worth reading, and changes nothing."""
    match note.what:
        case "default_stays":
            name, key = note.given
            return (
                f"The team “{name}”, which Tandem made by itself, is not mentioned and stays. To put it away, "
                f'add it: key = "{key}", archived = true.'
            )
        case "inactive":
            return f"{note.given[0]} has no active Slack account and gets no leads."
        case "unknown_source":
            rule, source = note.given
            return f"The rule “{rule}” asks for the source “{source}”, which there is not (yet)."
        case "by_your_word":
            return "From now on, people who are new in Slack join a team only when you say so."


def _team(change: Change) -> str:
    team = f"team “{change.name}”"
    match change.what:
        case "team_added":
            made = dict(change.made)
            return (
                f"{team} is added: {made.get('hours')} in {made.get('zone')}; channel {made.get('channel') or 'none'}; "
                f"manager {made.get('manager') or 'none'}; members {_names(change.added) or 'nobody'}"
            )
        case "team_archived":
            return f"{team} is archived: it gets no new leads"
        case "team_back":
            return f"{team} is taken out of the archive"
        case "team_default":
            return f"{team} becomes the default, in place of “{change.before}”"
        case "team_members":
            lists = [(change.added, "joins", "join"), (change.removed, "leaves", "leave")]
            done = (f"{_names(names)} {one if len(names) == 1 else more}" for names, one, more in lists if names)
            return f"{team}: {', '.join(done)}"
    before, after = _value(change, change.before), _value(change, change.after)
    return f"{team}: {_OF_TEAM.get(change.setting) or f'{change.setting} changes'} from {before} to {after}"


def _tier(change: Change) -> str:
    tier = f"tier {change.name}"
    match change.what:
        case "tier_added":
            return f"{tier} is added: contact within {change.after}"
        case "tier_default":
            return f"{tier} becomes the default, in place of {change.before}"
        case "tier_removed":
            return f"{tier} is removed: new leads that name it get the time of {change.after}"
    before, after = _value(change, change.before), _value(change, change.after)
    if change.setting == "max_reassigns":
        before += " times"
    return f"{tier}: {_OF_TIER.get(change.setting, change.setting)} {before} → {after}"


def _digest(change: Change) -> str:
    digest = f"digest “{change.name}”"
    match change.what:
        case "digest_added":
            made = dict(change.made)
            when = f"{made.get('weekday')} {made.get('time')} in {made.get('zone')}"
            return f"{digest} is added: for {made.get('kind')}, {when}, channel {made.get('channel') or 'none'}"
        case "digest_removed":
            return f"{digest} is removed and not sent any more"
    none = "all" if change.setting == "team" else "none"
    setting = _OF_DIGEST.get(change.setting, change.setting)
    return f"{digest}: {setting} {change.before or none} → {change.after or none}"


def _source(change: Change) -> str:
    source = f"source “{change.name}”"
    match change.what:
        case "source_added":
            return f"{source} is added ({change.after})"
        case "source_removed":
            return f"{source} is removed: what it sends is refused"
        case "source_paused":
            return f"{source} is paused: what it sends is refused"
        case "source_resumed":
            return f"{source} is no longer paused"
    return f"{source}: {change.setting} {change.before or 'as sent'} → {change.after or 'as sent'}"


def _route(change: Change) -> str:
    rule = f"rule “{change.name}”"
    match change.what:
        case "route_added":
            made = dict(change.made)
            to = f"team {made.get('team')}" + (f", {made['person']}" if made.get("person") else "")
            how = f", {made['distribution']}" if made.get("distribution") else ""
            return f"{rule} is added: if {made.get('if')}, to {to}{how}"
        case "route_removed":
            return f"{rule} is removed"
        case "route_order":
            return f"the rules are asked in another order: {_names(change.added)}"
    return f"{rule}: {change.setting} {change.before or 'none'} → {change.after or 'none'}"


def _role(change: Change) -> str:
    if change.what == "role_stays":
        role = f"an {change.after}" if change.after == "admin" else f"a {change.after}"
        return f"member {change.name} stays {role}, whatever Slack's own settings say from now on"
    why = " (manages a team)" if change.what == "role_of_manager" else ""
    return f"member {change.name}: {change.before} → {change.after}{why}"


def _value(change: Change, value: str) -> str:
    if not value:
        return _NONE.get(change.setting, "none")
    return f"“{value}”" if change.setting in _QUOTED else value


def _names(names: tuple[str, ...]) -> str:
    return listed(names, most=_SHOWN)
