"""The shape of the settings file, and its reading: TOML in, checked settings or a list of problems out.

What the file does not mention is None here, and stays as it is when the settings are applied. Names of
channels and e-mail addresses are still names: looking them up needs Slack (`difference`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, StrictBool, ValidationError

from domain.config import route_values as rv
from domain.config import values as v
from domain.config.errors import FileWrong
from domain.config.problems import ConfigProblems, Problem, path_of, problems_of, syntax_problem
from domain.config.sums import read_share_or_never, read_sum_or_never
from domain.leads.conditions import Condition
from domain.sources import AUTHS
from storage.models import AUDIENCE_KINDS, DISTRIBUTIONS, ROLES, SQL_MEANINGS, WHEN_EMPTY

LARGEST_FILE: Final = 1_000_000

Text = Annotated[str, PlainValidator(v.read_text)]
Key = Annotated[str, PlainValidator(v.read_key)]
KeyOrNone = Annotated[str, PlainValidator(v.read_key_or_none)]
Channel = Annotated[str, PlainValidator(v.read_channel)]
Person = Annotated[str, PlainValidator(v.read_person)]
PersonOrNone = Annotated[str, PlainValidator(v.read_person_or_none)]
Zone = Annotated[str, PlainValidator(v.read_zone)]
Share = Annotated[float, PlainValidator(v.read_share)]
Days = Annotated[tuple[date, ...], PlainValidator(v.read_days)]
Closed = Annotated[list[Days], AfterValidator(v.check_closed)]
Watched = Annotated[list[Channel], AfterValidator(v.check_watched)]
Competitors = Annotated[list[Text], AfterValidator(v.check_competitors)]
Names = Annotated[list[Text], BeforeValidator(rv.listed)]
Lines = Annotated[list[Annotated[Condition, PlainValidator(rv.read_condition)]], BeforeValidator(rv.listed)]
Cap = Annotated[int, PlainValidator(rv.read_cap_or_never)]
Distribution = Annotated[str, PlainValidator(v.one_of(DISTRIBUTIONS))]
Weight = Annotated[int, PlainValidator(rv.read_weight)]
Role = Annotated[str, PlainValidator(v.one_of(ROLES))]


class Section(BaseModel):
    """A part of the file. Unknown settings are refused: a misspelt one would silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TeamSettings(Section):
    """`[[teams]]`: who takes leads, where they are shown, when they can be expected to act, and whose turn it is.

    `weights`: a member's share, by person. `most_an_hour`, `most_a_day`, `most_open`: leads of one member, 0 is no
    limit. `own_hours`: the hours hold for each member in their own time zone. `fallback`: looks after leads that nobody
    is free for.
    """

    key: Key
    name: Text | None = None
    channel: Channel | None = None
    manager: PersonOrNone | None = None
    zone: Zone | None = None
    hours: Annotated[str, PlainValidator(v.read_hours)] | None = None
    holidays: Annotated[str, PlainValidator(v.read_holidays)] | None = None
    closed: Closed | None = None
    members: list[Person] | None = None
    distribution: Distribution | None = None
    weights: dict[Person, Weight] | None = None
    most_an_hour: Cap | None = None
    most_a_day: Cap | None = None
    most_open: Cap | None = None
    own_hours: StrictBool | None = None
    fallback: PersonOrNone | None = None
    delegate: PersonOrNone | None = None
    default: StrictBool | None = None
    archived: StrictBool | None = None


class PolicySettings(Section):
    """`[[policies]]`: how soon a lead of a tier is contacted. Durations are seconds of working time, 0 is never.

    `tries`: so many within `tries_days` working days; `meeting_days`: working days from contact. 0 is never.
    """

    tier: Key
    contact: Annotated[int, PlainValidator(v.read_duration)] | None = None
    half: Share | None = None
    remind: Share | None = None
    reassign_after: Annotated[int, PlainValidator(v.read_duration_or_never)] | None = None
    max_reassigns: Annotated[int, PlainValidator(v.read_count)] | None = None
    claim: Annotated[int, PlainValidator(v.read_duration_or_never)] | None = None
    tries: Annotated[int, PlainValidator(v.read_tries)] | None = None
    untouched_after: Annotated[int, PlainValidator(v.read_duration_or_never)] | None = None
    bench_after: Annotated[int, PlainValidator(v.read_lapses)] | None = None
    tries_days: Annotated[int, PlainValidator(v.read_some_working_days)] | None = None
    meeting_days: Annotated[int, PlainValidator(v.read_working_days)] | None = None
    default: StrictBool | None = None
    removed: StrictBool | None = None


class AudienceSettings(Section):
    """`[[audiences]]`: who gets a weekly digest, where and when. `weekday`: Monday is 0; `time`: minute of the day."""

    key: Key
    kind: Annotated[str, PlainValidator(v.one_of(AUDIENCE_KINDS))] | None = None
    team: KeyOrNone | None = None
    channel: Channel | None = None
    weekday: Annotated[int, PlainValidator(v.read_weekday)] | None = None
    time: Annotated[int, PlainValidator(v.read_minute)] | None = None
    zone: Zone | None = None
    paused: StrictBool | None = None
    when_empty: Annotated[str, PlainValidator(v.one_of(WHEN_EMPTY))] | None = None
    removed: StrictBool | None = None


class SourceSettings(Section):
    """`[[sources]]`: a system that posts leads. Its secret is made by Tandem and never stands in the file."""

    name: Annotated[str, PlainValidator(v.read_source_name)]
    auth: Annotated[str, PlainValidator(v.one_of(AUTHS))] | None = None
    team: KeyOrNone | None = None
    tier: KeyOrNone | None = None
    paused: StrictBool | None = None
    removed: StrictBool | None = None


class RouteSettings(Section):
    """`[[routes]]`: which leads go to which team. All that is said must hold; of a list, one will do.

    `where`: conditions on any field that a lead was sent with. `person`: of the team, gets the lead while they can.
    """

    name: Text
    source: Names | None = None
    tier: Names | None = None
    segment: Names | None = None
    country: Names | None = None
    territory: Names | None = None
    persona: Names | None = None
    accounts: Names | None = None
    where: Lines | None = None
    team: Key
    person: PersonOrNone | None = None
    distribution: Distribution | None = None


class Config(Section):
    """The whole file. `members`: roles by Slack member id or e-mail address.

    `account_owners`: who gets an account's leads, by its name.
    `answer_days`, `rising_accounts`, `asked_a_day`: 0 is never. `goal_a_month` (what leads are to bring) and
    `average_deal`: whole units of the currency, `won_of_1000`: of so many leads; 0 is not set. `criteria`: what a lead
    must meet before sales gets it; `triage`: seconds of working time in which marketing looks at one that does not, 0
    is never.
    """

    currency: Annotated[str, PlainValidator(v.read_currency)] | None = None
    marketing_channel: Channel | None = None
    wins_channel: Channel | None = None
    capture_emoji: Annotated[str, PlainValidator(v.read_emoji)] | None = None
    watched_channels: Watched | None = None
    answer_days: Annotated[int, PlainValidator(v.read_working_days)] | None = None
    answer_accounts: Annotated[int, PlainValidator(v.read_accounts)] | None = None
    rising_accounts: Annotated[int, PlainValidator(v.read_accounts_or_never)] | None = None
    rising_times: Annotated[int, PlainValidator(v.read_times)] | None = None
    rising_a_day: Annotated[int, PlainValidator(v.read_alerts)] | None = None
    asked_a_day: Annotated[int, PlainValidator(v.read_items_or_never)] | None = None
    goal_a_month: Annotated[int, PlainValidator(read_sum_or_never)] | None = None
    average_deal: Annotated[int, PlainValidator(read_sum_or_never)] | None = None
    won_of_1000: Annotated[int, PlainValidator(read_share_or_never)] | None = None
    criteria: Lines | None = None
    triage: Annotated[int, PlainValidator(v.read_duration_or_never)] | None = None
    sql_means: Annotated[str, PlainValidator(v.one_of(SQL_MEANINGS))] | None = None
    competitors: Competitors | None = None
    accounts: list[Text] | None = None
    members: dict[Person, Role] | None = None
    account_owners: dict[Text, PersonOrNone] | None = None
    teams: list[TeamSettings] | None = None
    policies: list[PolicySettings] | None = None
    audiences: list[AudienceSettings] | None = None
    sources: list[SourceSettings] | None = None
    routes: list[RouteSettings] | None = None


LISTS: Final[Mapping[str, tuple[type[Section], str, str]]] = {
    "teams": (TeamSettings, "key", "team"),
    "policies": (PolicySettings, "tier", "policy"),
    "audiences": (AudienceSettings, "key", "audience"),
    "sources": (SourceSettings, "name", "source"),
    "routes": (RouteSettings, "name", "route"),
}
"""What stands in `[[…]]`: its shape, the setting that names one of them, and the word for one."""


def parse_config(text: str) -> Config:
    """The settings in a TOML file. Raises ConfigProblems with every problem that can be told from the file alone."""
    if len(text) > LARGEST_FILE:
        raise ConfigProblems((Problem((), "", FileWrong("too_large")),))
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigProblems((syntax_problem(text, str(error)),)) from None
    except ValueError:
        problem = Problem((), "", FileWrong("too_many_digits"))
        raise ConfigProblems((problem,)) from None
    except RecursionError:
        raise ConfigProblems((Problem((), "", FileWrong("too_nested")),)) from None
    return check_config(data)


def check_config(data: Mapping[str, Any]) -> Config:
    """Settings from plain values, shaped as in the file. Raises ConfigProblems."""
    known = {name: tuple(shape.model_fields) for name, (shape, _, _) in LISTS.items()}
    try:
        config = Config.model_validate(dict(data))
    except ValidationError as error:
        raise ConfigProblems(tuple(problems_of(error, data, known | {"": tuple(Config.model_fields)}))) from None
    problems = [*_repeated(config, data), *_two_defaults(config, data)]
    if problems:
        raise ConfigProblems(tuple(problems))
    return config


def names_to_look_up(config: Config) -> frozenset[str]:
    """The channel names (`#sales`) and e-mail addresses that only Slack can turn into ids."""
    named: set[str] = {
        config.marketing_channel or "",
        config.wins_channel or "",
        *(config.watched_channels or ()),
        *(config.members or {}),
    }
    for team in config.teams or ():
        named |= {team.channel or "", team.manager or "", team.fallback or "", team.delegate or ""}
        named |= {*(team.members or ()), *(team.weights or {})}
    named |= {route.person or "" for route in config.routes or ()} | {*(config.account_owners or {}).values()}
    named |= {audience.channel or "" for audience in config.audiences or ()}
    return frozenset(name for name in named if name.startswith("#") or "@" in name)


def _repeated(config: Config, data: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for section, (_, naming, word) in LISTS.items():
        seen: set[str] = set()
        for index, item in enumerate(getattr(config, section) or ()):
            name = getattr(item, naming)
            if name in seen:
                loc = (section, index, naming)
                problems.append(Problem(loc, path_of(loc, data), FileWrong("repeated", (word, v.written(name)))))
            seen.add(name)
    return problems


def _two_defaults(config: Config, data: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for section in ("teams", "policies"):
        marked = [index for index, item in enumerate(getattr(config, section) or ()) if item.default]
        for index in marked[1:]:
            loc = (section, index, "default")
            problems.append(
                Problem(
                    loc,
                    path_of(loc, data),
                    FileWrong("two_defaults", (section,)),
                )
            )
    return problems
