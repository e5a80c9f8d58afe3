"""Workspaces, their members and teams, and the settings both sides agreed on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Json, one_of

ROLES = ("rep", "marketer", "manager", "admin")
ROLE_ORIGINS = ("default", "slack", "config")
MEMBER_KINDS = ("member", "guest", "stranger")
WORKSPACE_STATES = ("active", "stopped")


class Workspace(Base):
    """A Slack workspace in which Tandem is installed. `stopped`: its token no longer works.

    `marked_since`: until then its messages named rows by their ids alone (domain/marks.py); NULL: it never had such.
    `answer_days`: in so many working days marketing answers a theme that `answer_accounts` accounts raised, 0: never.
    `rising_accounts`: so many accounts in 7 days, `rising_times` as many as in the 7 days before, make a theme rise, 0:
    never. Marketing is told of `rising_a_day` such themes a day at the most.
    `asked_a_day`: about so many items without a theme marketing is asked in a day's one message, 0: never. `ask_at`:
    when it is asked next, NULL: it never was.
    `starters_answered_at`: when somebody chose among the themes to begin with, NULL: they are offered still.
    `installation_id`: whose token speaks for it, of an organization's perhaps; NULL: SLACK_BOT_TOKEN does.
    `capture_emoji`: a reaction with it logs a message; "": none does. `watched_channels`: Slack's ids of those in which
    Tandem suggests to log a message; NULL: none.
    `llm_off_at`: since when nothing of it goes to a language model, because an admin said so; NULL: it may.
    `enterprise_id`: Slack's id of its organization, NULL when it belongs to none or nobody told. `access_told_at` (by
    Slack's clock): of when the newest news is whether the organization's token reaches it (domain/access.py).
    `definition_id`: the definition in force that a lead must meet before sales gets it; NULL: none has criteria.
    `sql_means` (SQL_MEANINGS): what is called SQL here; NULL: nobody said, and nothing is.
    `wins_channel`: where won deals are posted; NULL: in the channel of the lead's team.
    `goal_a_month`: what marketing's leads are to bring, in whole units of `currency`; `average_deal` (the same) and
    `won_of_1000` leads: what that is reckoned with (domain/goal.py). 0: nobody said.
    `merged_competitors`: what competitors lead to that were merged or renamed (domain/voc/led_competitors.py).
    """

    __tablename__ = "workspaces"
    __table_args__ = (
        Index(None, "installation_id"),
        one_of("state", WORKSPACE_STATES),
        CheckConstraint("(state = 'stopped') = (stopped_reason IS NOT NULL)", name="stopped_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slack_team_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    domain: Mapped[str] = mapped_column(default="")
    bot_user_id: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active")
    stopped_reason: Mapped[str | None]
    competitors: Mapped[list[Any]] = mapped_column(default=list)
    merged_competitors: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    marketing_channel: Mapped[str | None]
    currency: Mapped[str] = mapped_column(default="USD")
    capture_emoji: Mapped[str] = mapped_column(default="ear", server_default="ear")
    watched_channels: Mapped[list[Any] | None]
    configured_at: Mapped[datetime | None]
    marked_since: Mapped[datetime | None]
    answer_days: Mapped[int] = mapped_column(default=5, server_default="5")
    answer_accounts: Mapped[int] = mapped_column(default=3, server_default="3")
    rising_accounts: Mapped[int] = mapped_column(default=3, server_default="3")
    rising_times: Mapped[int] = mapped_column(default=2, server_default="2")
    rising_a_day: Mapped[int] = mapped_column(default=3, server_default="3")
    asked_a_day: Mapped[int] = mapped_column(default=20, server_default="20")
    goal_a_month: Mapped[int] = mapped_column(default=0, server_default="0")
    average_deal: Mapped[int] = mapped_column(default=0, server_default="0")
    won_of_1000: Mapped[int] = mapped_column(default=0, server_default="0")
    ask_at: Mapped[datetime | None]
    starters_answered_at: Mapped[datetime | None]
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installations.id"))
    enterprise_id: Mapped[str | None]
    access_told_at: Mapped[datetime | None]
    definition_id: Mapped[int | None]
    sql_means: Mapped[str | None]
    wins_channel: Mapped[str | None]
    llm_off_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Member(Base):
    """A person of a workspace. `away_until` in the future: gets no leads.

    `kind` (MEMBER_KINDS): what Slack says they are here, None until it was asked; a `stranger`, of another workspace or
    no person at all, is kept for the sake of what they did, and is not active. `refused_zone`: what Slack calls their
    time zone when it cannot be used; `tz` is another one then. `name_key` and `first_name_key` are under what the whole
    name and its first word are compared; None: an earlier release wrote the name.
    `benched_at`: since when they get no leads because several lapsed; `lapses`: so many did in a row, the last at
    `lapsed_at` (domain/leads/benching.py).
    `suggested_at`: when they read what a suggestion on their message means; `unsuggested_at`: since when they want none
    (domain/voc/watching.py).
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slack_user_id"),
        Index(None, "workspace_id", "name_key"),
        Index(None, "workspace_id", "first_name_key"),
        one_of("role", ROLES),
        one_of("role_origin", ROLE_ORIGINS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    slack_user_id: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str | None]
    first_name_key: Mapped[str | None]
    email: Mapped[str | None]
    tz: Mapped[str] = mapped_column(default="UTC")
    refused_zone: Mapped[str | None]
    role: Mapped[str] = mapped_column(default="rep")
    role_origin: Mapped[str] = mapped_column(default="default")
    kind: Mapped[str | None]
    is_owner: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    away_until: Mapped[datetime | None]
    benched_at: Mapped[datetime | None]
    lapses: Mapped[int] = mapped_column(default=0, server_default="0")
    lapsed_at: Mapped[datetime | None]
    dm_channel: Mapped[str | None]
    synced_at: Mapped[datetime | None]
    suggested_at: Mapped[datetime | None]
    unsuggested_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


IS_STAFF: Final = or_(Member.kind.is_(None), Member.kind == "member")
"""Somebody who may be given leads and a say; for people whom Slack has not described yet, an admin decides."""


class Team(Base):
    """A team that takes leads. `hours`: WorkingHours as JSON; the default team is the fallback.

    `distribution` (DISTRIBUTIONS): whose turn it is. `most_an_hour`, `most_a_day`: so many leads a member is given at
    the most, `most_open`: so many open ones they have; None: no limit. `own_hours`: the week of `hours` holds for each
    member in their own time zone. `fallback_id`: who looks after leads that nobody is free for.
    `delegate_id`: who is told in the manager's place while they are not there.
    """

    __tablename__ = "teams"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index(
            "uq_teams_default",
            "workspace_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    key: Mapped[str]
    name: Mapped[str]
    channel: Mapped[str | None]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    hours: Mapped[dict[str, Any]]
    is_default: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    distribution: Mapped[str] = mapped_column(default="turns", server_default="turns")
    most_an_hour: Mapped[int | None]
    most_a_day: Mapped[int | None]
    most_open: Mapped[int | None]
    own_hours: Mapped[bool] = mapped_column(default=False, server_default=false())
    fallback_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))


class TeamMember(Base):
    """Who takes leads in a team. This is its ledger of turns (domain/leads/turns.py).

    `last_given_at`: their last turn; no two turns of a team are of one time. `weight`: their share where turns are
    weighted, and `served`: how far the weighted turns had come when they had theirs. `lead_at`: when they last got a
    lead of the team in any way; NULL: no later than their turn. `recent`: when they were given leads of the last day,
    where the team counts those.
    """

    __tablename__ = "team_members"
    __table_args__ = (
        Index(None, "member_id"),
        Index("ix_team_members_turn", "team_id", "last_given_at", "position", "member_id"),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    last_given_at: Mapped[datetime | None]
    weight: Mapped[int] = mapped_column(default=1, server_default="1")
    served: Mapped[int | None]
    lead_at: Mapped[datetime | None]
    recent: Mapped[list[Any] | None]


class Policy(Base):
    """The service level of a tier: contact within `contact_seconds` of working time.

    `half_at` and `remind_at` are shares of that time; `reassign_after_seconds` counts working time
    after the breach (None: never by itself).

    `claim_seconds`: a lead that nobody claimed in that working time goes to the next rep. `tries`: so many within
    `tries_days` working days, where nobody answers. `meeting_days`: a meeting is booked within so many working days of
    contact. None: the tier has no such clock. `bench_after`: who lets so many leads lapse in a row gets none until they
    are back, 0: never. `untouched_after_seconds`: so long after the deadline managers are told of a lead that nobody
    touched at all (None: never).
    """

    __tablename__ = "policies"
    __table_args__ = (
        UniqueConstraint("workspace_id", "tier"),
        CheckConstraint("contact_seconds > 0", name="contact_positive"),
        CheckConstraint("half_at > 0 AND half_at < remind_at AND remind_at < 1", name="shares_ordered"),
        Index(
            "uq_policies_default",
            "workspace_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    tier: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    contact_seconds: Mapped[int]
    half_at: Mapped[float] = mapped_column(default=0.5)
    remind_at: Mapped[float] = mapped_column(default=0.8)
    reassign_after_seconds: Mapped[int | None]
    max_reassigns: Mapped[int] = mapped_column(default=1)
    claim_seconds: Mapped[int | None]
    tries: Mapped[int | None]
    tries_days: Mapped[int] = mapped_column(default=3, server_default="3")
    meeting_days: Mapped[int | None]
    untouched_after_seconds: Mapped[int | None]
    bench_after: Mapped[int] = mapped_column(default=2, server_default="2")
    is_default: Mapped[bool] = mapped_column(default=False)


class Source(Base):
    """A system that posts leads to `/intake/{name}`; `sealed_secret` is encrypted (bot/seal.py).

    `auth`: its kind, one of domain.sources.AUTHS; a newer process may have written one that this one does not know.
    `sealed_key`: with what Tandem asks the system for more, None: nobody gave it, or the kind needs none. `tested_at`:
    when the system last tried the address, which brings no lead. `mapping`: which of what it sends is which field
    (domain/leads/mapping.py), NULL: all is found by its name. `sealed_old_secret` is believed `old_secret_until` then.
    """

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    auth: Mapped[str]
    sealed_secret: Mapped[str]
    sealed_key: Mapped[str | None]
    team_key: Mapped[str | None]
    tier: Mapped[str | None]
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    mapping: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sealed_old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]


REFUSAL_REASONS = (
    "unknown_source",
    "no_proof",
    "wrong_proof",
    "stale",
    "paused",
    "too_many",
    "too_large",
    "unreadable",
    "nobody",
    "no_key",
)


class Refusal(Base):
    """How often deliveries to `/intake/{source}` were refused for one reason. `source` "": none of that name.

    `detail`: what was wrong with the last; `recent`: how many since `recent_at`; `told_at`: when admins were told.
    """

    __tablename__ = "refusals"
    __table_args__ = (UniqueConstraint("workspace_id", "source", "reason"), one_of("reason", REFUSAL_REASONS))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    source: Mapped[str]
    reason: Mapped[str]
    count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    detail: Mapped[str | None]
    recent: Mapped[int]
    recent_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
