"""Sentences about settings that cannot be applied, for the settings file and for the forms alike."""

from __future__ import annotations

from typing import Final

from domain.config.errors import FileWrong, SettingsRefused, SettingWrong, ValueWrong
from domain.config.problems import ConfigProblems, Problem
from domain.leads.conditions import ConditionWrong
from domain.week import CalendarError
from handlers.words.hours import hours_sentence
from handlers.words.lengths import either, listed
from handlers.words.saying import Say

_WHERE_IDS_ARE: Final = "(in Slack: their profile → ⋮ → Copy member ID)"

_VALUE: Final = {
    "empty": "is empty.",
    "too_long": "has {0} characters; at most {1} fit.",
    "no_key": ("is “{0}”; a short name has small letters, digits and dashes and at most 40 of them, for example emea."),
    "no_source_name": (
        "is “{0}”; it becomes part of a web address, so use up to 40 small letters, digits and dashes, "
        "for example website."
    ),
    "in_days": (
        "is “{0}”, but clocks count working time, and a working day is as long as a team's hours. "
        "Write hours, for example 8h."
    ),
    "no_duration": "is “{0}”, which is no length of time. Write for example 5m, 2h or 1h 30m.",
    "duration_out_of_bounds": "is “{0}”; it must be more than nothing and at most {1} hours.",
    "no_share": 'is “{0}”; it is a part of the time to contact, from 0.01 to 0.99, for example 0.5 or "50%".',
    "no_channel": (
        "is “{0}”, which is no channel. Write its name, for example #sales, or its id "
        "(in Slack: the channel's name → About → Channel ID), for example C0123ABCD."
    ),
    "no_person": (
        "is “{0}”, which is no person that can be found. Write their e-mail address, or their member id "
        f"{_WHERE_IDS_ARE}, for example U0123ABCD."
    ),
    "no_zone": "is “{0}”, which is no time zone.",
    "closed_all_week": "are closed all week, so no clock would ever run. Write for example mon-fri 09:00-17:00.",
    "too_few_minutes": ("come to {0} min a week; a team needs at least {1} hour, or its clocks would run for years."),
    "too_many_spans": "have more than {0} spans on a day. Join those that touch.",
    "no_country": ("is “{0}”; write a country's two letters, for example DE, or with a region, for example US-CA."),
    "no_region": "is “{0}”, but {1} has no region “{2}” here.",
    "no_day": (
        "is “{0}”, which is no day. Write year-month-day, for example 2026-12-24, "
        "or the first and the last of several: 2026-12-24 to 2027-01-01."
    ),
    "ends_early": "is “{0}”, which ends before it begins. Write the first day first.",
    "closed_too_long": "is “{0}”, but at most {1} fit. Archive a team that is closed for longer.",
    "too_many_closed": "are {0} days, but at most {1} fit. Archive a team that is closed for longer.",
    "too_many_watched": "are {0}, but at most {1} fit. Keep those in which people tell what customers said.",
    "too_many_competitors": "are {0}, but at most {1} fit. Keep those that customers name.",
    "no_weekday": "is “{0}”, which is no day of the week. Write for example monday.",
    "no_minute": 'is “{0}”, which is no time of the day. Write for example "09:00".',
    "no_currency": "is “{0}”, which is no currency; write its three letters, for example EUR.",
    "no_emoji": "is “{0}”, which is no emoji’s name. Write it as Slack calls it, for example ear, or none.",
    "no_text": "is “{0}”, but should be a text in quotes",
    "no_choice": "is “{0}”; it can be ",
    "no_count": "is “{0}”; write a number from 0 to 10, without quotes.",
    "no_working_days": "is “{0}”; write a number of working days from 1 to {1}, or never.",
    "no_some_days": "is “{0}”; write a number of working days from 1 to {1}.",
    "no_lapses": "is “{0}”; write a number of leads from 1 to {1}, or never.",
    "no_tries": "is “{0}”; write a number of tries from 1 to {1}, or never.",
    "no_accounts": "is “{0}”; write a number of accounts from 1 to {1}.",
    "no_accounts_or_never": "is “{0}”; write a number of accounts from 1 to {1}, or never.",
    "no_times": "is “{0}”; write a number from 1 to {1}.",
    "no_alerts": "is “{0}”; write a number of messages from 1 to {1}.",
    "no_cap": "is “{0}”; write a number of leads from 1 to {1}, or never for no limit.",
    "no_weight": "is “{0}”; write a number from 1 to {1}: with 2, twice as many leads as with 1.",
    "no_items_or_never": "is “{0}”; write a number of items from 1 to {1}, or never.",
    "no_sum": "is “{0}”; write a sum of the company’s currency, for example 200,000 or 200k, or never.",
    "no_of_1000": "is “{0}”; write how many of {1}, or never.",
}

_LABELS: Final = {
    "person": "The person",
    "role": "The role",
    "zone": "The time zone",
    "hours": "The hours",
    "holidays": "The holiday calendar",
    "closed": "The closed day",
    "members": "The member",
    "who": "The person",
    "contact": "The time to contact",
    "reassign_after": "The time after which a lead moves to the next rep",
    "max_reassigns": "How often a lead moves on",
    "claim": "The time to claim",
    "tries": "The number of tries",
    "bench_after": "The number of leads that lapse",
    "untouched_after": "The time until the alarm of untouched leads",
    "tries_days": "The days for all tries",
    "meeting_days": "The time to the first meeting",
    "key": "The short name",
    "tier": "The tier",
    "auth": "The kind of signature",
    "half": "The share for half time",
    "remind": "The share for the reminder",
    "when_empty": "What happens in an empty week",
    "competitors": "The competitor",
    "capture_emoji": "The reaction",
    "watched_channels": "The watched channel",
    "accounts": "The account",
    "marketing_channel": "The marketing channel",
    "answer_days": "The time for a first answer",
    "answer_accounts": "How many accounts must have raised a theme",
    "rising_accounts": "How many accounts make a theme rise",
    "rising_times": "How many times as many accounts make a theme rise",
    "rising_a_day": "How many rising themes are told a day",
    "asked_a_day": "About how many items marketing is asked a day",
    "goal_a_month": "The goal",
    "average_deal": "The average deal",
    "won_of_1000": "How many of 1,000 leads are won",
    "where": "The condition",
    "criteria": "The line",
    "weight": "The weight",
    "distribution": "How leads are shared out",
    "most_an_hour": "The most leads an hour",
    "most_a_day": "The most leads a day",
    "most_open": "The most open leads",
    "fallback": "Who looks after leads that nobody is free for",
    "delegate": "Who stands in for the manager",
}

_CONDITION: Final = {
    "not_understood": (
        "is “{0}”, which is not understood. Write a field, a sign and a value, for example "
        "employees is at least 500, industry = Pharma, or asked contains demo."
    ),
    "no_number": "compares with “{0}”, which is no number.",
    "no_address": (
        "asks for the e-mail address “{0}”, which is none. Write for example email is a work address, or "
        "domain = northwind.com."
    ),
}

_LINE: Final = "This line cannot be read: “{0}”. "

_FILE: Final = {
    "too_large": "The file is larger than a megabyte, so it can hardly be settings.",
    "too_many_digits": "A number in the file has too many digits to be a setting.",
    "too_nested": "The file is nested too deeply to be settings.",
    "breaks_off": "The file ends in the middle of something, or repeats a setting: {0}.",
    "line": f"{_LINE}Texts stand in quotes, lists in square brackets, and each setting on its own line.",
    "line_with_curly_quotes": f'{_LINE}The quotes on this line are curly; write straight ones: ".',
    "line_with_bare_address": (f'{_LINE}An e-mail address on the left needs quotes: "ana@example.com" = "rep".'),
    "line_with_bare_text": f'{_LINE}A text needs quotes: name = "value".',
    "line_with_colon": f'{_LINE}A setting is written with an equals sign: name = "value".',
    "belongs_on_top": "“{0}” belongs at the top of the file, above the first line in brackets.",
    "unknown": "There is no setting “{0}”",
    "missing": 'Every {0} needs a {1}. Add for example {1} = "{2}".',
    "no_list_of_tables": "Write [[{0}]] in two pairs of brackets, once for each {1}.",
    "no_list": "This should be a list in square brackets, for example {0} = [{1}].",
    "no_members": 'Write [members], and below it one line for each person: "ana@example.com" = "rep".',
    "no_people": 'Write one entry for each, for example {0} = {{ "ana@example.com" = 2 }}, or a section [{0}].',
    "no_table": "Write [[{0}]], and below it one setting on each line.",
    "no_switch": "“{0}” is “{1}”; write true or false, without quotes.",
    "unusable": "“{0}” is “{1}”, which cannot be used here.",
    "repeated": "The {0} “{1}” stands here twice. Make them one.",
    "two_defaults": "Only one of the {0} can be the default. Keep default = true on one.",
}

_REFUSED: Final = {
    "unknown_address": (
        "Nobody with the address “{0}” is known in this Slack workspace. Check the spelling, or "
        f"write their member id {_WHERE_IDS_ARE}."
    ),
    "unknown_member_id": (
        "Nobody with the member id “{0}” is known here. It must be a person of this workspace: apps cannot take part."
    ),
    "guest": "{0} is a guest in this Slack workspace, and gets no leads and no say here.",
    "stranger": "{0} is not in this Slack workspace, and gets no leads and no say here.",
    "unknown_channel": (
        "No channel “{0}” is found in Slack. Check the spelling; if it is private, invite the bot "
        "there first (/invite @Tandem), or write the channel's id (C…)."
    ),
    "no_default_team": "One team must be the default: it gets the leads that name no team. Mark another.",
    "default_archived": "The default team cannot be archived. Make another the default first.",
    "two_roles": "{0} stands here twice, with two roles.",
    "two_lists": "{0} stands in two lists. Each person has one role.",
    "manages_this_team": (
        "{0} manages this team, but [members] says {1}. Make the role manager, or name another manager."
    ),
    "manages_a_team": "{0} manages the team “{1}”. Name another manager of it first.",
    "no_admin": "Nobody would be an admin any more. Keep at least one, for example “{0}”.",
    "no_default_tier": "One tier must be the default: leads without a tier get it.",
    "no_contact": 'A new tier needs the time to contact, for example contact = "2h".',
    "reminder_too_early": "The reminder ({0}) must come after half time ({1}). Raise one of them.",
    "default_removed": "The default tier cannot be removed. Make another tier the default first.",
    "tier_taken": "There is already a tier {0}. Change that tier, or pick another name.",
    "source_taken": "There is already a source of that name. Pick another name, or make a new secret for it.",
    "source_taken_elsewhere": "The name “{0}” is taken on this server. Choose another, for example “{1}”.",
    "source_signs": (
        "The source “{0}” signs with {1}, and its secret fits only that. Add a new source under another name."
    ),
    "unknown_team": "There is no team “{0}”. The teams are {1}.",
    "unknown_tier": "There is no tier “{0}”. The tiers are {1}.",
    "no_digest_kind": 'A new digest needs a kind: kind = "sales" or kind = "marketing".',
    "route_takes_all": (
        "The rule “{0}” has no condition, so it takes every lead, and the rules after it never come to turn. "
        "Put it last, or say which leads it is for."
    ),
    "person_not_in_team": "{0} is no member of the team {1}, so gets none of its leads. Add them to its members first.",
    "weight_not_in_team": "{0} has a weight, but is no member of the team {1}. Add them to its members first.",
    "fallback_no_manager": "{0} is no manager, and could not give the leads to anybody. Name a manager or an admin.",
    "too_many_criteria": "These are {0} criteria, but at most {1} fit. Keep those for which a lead is turned down.",
    "sql_means_unknown": (
        "Say first what SQL means here, since companies mean two things by it: what marketing hands over to sales "
        "(handed_over), or what a rep found worth pursuing after the first contact (qualified)."
    ),
    "no_secret_key": "Secrets cannot be kept safe yet: set TANDEM_SECRET_KEY, then add the source again.",
}


def settings_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case ValueWrong():
            return _value(error, say)
        case ConditionWrong():
            return _CONDITION[error.why].format(say(error.given, 100))
        case SettingWrong():
            return _setting(error, say)
        case FileWrong():
            return _file(error, say)
        case SettingsRefused():
            known = listed([say(each) for each in error.known], most=8)
            return _REFUSED[error.why].format(*map(say, error.given), *([known] if error.known else ()))
        case ConfigProblems():
            return "\n".join(problem_line(problem, say) for problem in error.problems)
    return None


def problem_line(problem: Problem, say: Say) -> str:
    """Where something is wrong, and what."""
    told = settings_sentence(problem.wrong, say) or hours_sentence(problem.wrong, say) or ""
    return f"{say(problem.path, 300)}: {told}" if problem.path else told


def _value(error: ValueWrong, say: Say) -> str:
    given, known = [say(each, 100) for each in error.given], [say(each) for each in error.known]
    told = _VALUE[error.why].format(*given)
    match error.why:
        case "no_zone":
            return f"{told} Did you mean {either(known)}?" if known else f"{told} Write for example Europe/Berlin."
        case "no_region":
            return f"{told} Its regions: {', '.join(known)}." if known else f"{told} Write {given[1]} alone."
        case "no_text":
            return f"{told}, for example {known[0]}." if known else f"{told}."
        case "no_choice":
            return f"{told}{either(known)}." + (f" Did you mean {given[1]}?" if len(given) > 1 else "")
    return told


def _setting(error: SettingWrong, say: Say) -> str:
    if isinstance(error.wrong, CalendarError):
        return hours_sentence(error.wrong, say) or ""
    label = _LABELS.get(error.name, f"The {say(error.name.replace('_', ' '))}")
    return f"{label}{'s' if error.whole else ''} {settings_sentence(error.wrong, say)}"


def _file(error: FileWrong, say: Say) -> str:
    given = [say(each, 100) for each in error.given]
    told = _FILE[error.why].format(*given)
    if error.why != "unknown":
        return told
    where = f" in [[{given[1]}]]" if given[1] else ""
    meant = (
        f"Did you mean {given[2]}?" if len(given) > 2 else f"The settings here are {', '.join(map(say, error.known))}."
    )
    return f"{told}{where}. {meant}"
