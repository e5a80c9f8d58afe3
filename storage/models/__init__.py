"""Every table, by subject. Import models from here."""

from storage.models.content import Asset, AssetFigures, ContentImport
from storage.models.delivery import IS_WAITING, AuditEvent, Card, Delivery, InboxKey, Lane, RateBucket
from storage.models.digests import AUDIENCE_KINDS, WHEN_EMPTY, Audience, Edition, ToldFigures
from storage.models.incidents import OVERDUE_KINDS, Incident
from storage.models.installations import INSTALLATION_STATES, Installation
from storage.models.jobs import JOB_STATES, Job
from storage.models.leads import (
    CLOCK_STATES,
    DECLINE_REASONS,
    IS_DECLINED,
    IS_LIVE,
    IS_OPEN,
    IS_UNOWNED,
    LEAD_STATES,
    OPEN_LEAD_STATES,
    Clock,
    Lead,
    LeadEvent,
    Wish,
)
from storage.models.oauth import OAuthState
from storage.models.people import (
    IS_STAFF,
    REFUSAL_REASONS,
    ROLES,
    Member,
    Policy,
    Refusal,
    Source,
    Team,
    TeamMember,
    Workspace,
)
from storage.models.personas import Persona, PersonaVersion
from storage.models.tallies import Tally, TallyBook, TallyPart
from storage.models.voc import IS_KNOWN, VOC_KINDS, VOC_ORIGINS, VOC_STATES, Account, Theme, VocItem

__all__ = [
    "AUDIENCE_KINDS",
    "CLOCK_STATES",
    "DECLINE_REASONS",
    "INSTALLATION_STATES",
    "IS_DECLINED",
    "IS_KNOWN",
    "IS_LIVE",
    "IS_OPEN",
    "IS_STAFF",
    "IS_UNOWNED",
    "IS_WAITING",
    "JOB_STATES",
    "LEAD_STATES",
    "OPEN_LEAD_STATES",
    "OVERDUE_KINDS",
    "REFUSAL_REASONS",
    "ROLES",
    "VOC_KINDS",
    "VOC_ORIGINS",
    "VOC_STATES",
    "WHEN_EMPTY",
    "Account",
    "Asset",
    "AssetFigures",
    "Audience",
    "AuditEvent",
    "Card",
    "Clock",
    "ContentImport",
    "Delivery",
    "Edition",
    "InboxKey",
    "Incident",
    "Installation",
    "Job",
    "Lane",
    "Lead",
    "LeadEvent",
    "Member",
    "OAuthState",
    "Persona",
    "PersonaVersion",
    "Policy",
    "RateBucket",
    "Refusal",
    "Source",
    "Tally",
    "TallyBook",
    "TallyPart",
    "Team",
    "TeamMember",
    "Theme",
    "ToldFigures",
    "VocItem",
    "Wish",
    "Workspace",
]
