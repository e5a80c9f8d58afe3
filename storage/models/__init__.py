"""Every table, by subject. Import models from here."""

from storage.models.content import Asset, AssetFigures, ContentImport
from storage.models.delivery import IS_WAITING, AuditEvent, Card, Delivery, InboxKey, Lane, RateBucket
from storage.models.digests import AUDIENCE_KINDS, WHEN_EMPTY, Audience, Edition, ToldFigures
from storage.models.incidents import OVERDUE_KINDS, Incident
from storage.models.leads import (
    CLOCK_STATES,
    DECLINE_REASONS,
    IS_OPEN,
    LEAD_STATES,
    OPEN_LEAD_STATES,
    RUNGS,
    Clock,
    Lead,
    LeadEvent,
)
from storage.models.people import IS_STAFF, ROLES, SOURCE_AUTHS, Member, Policy, Source, Team, TeamMember, Workspace
from storage.models.personas import Persona, PersonaVersion
from storage.models.voc import VOC_KINDS, VOC_ORIGINS, VOC_STATES, Account, Theme, VocItem

__all__ = [
    "AUDIENCE_KINDS",
    "CLOCK_STATES",
    "DECLINE_REASONS",
    "IS_OPEN",
    "IS_STAFF",
    "IS_WAITING",
    "LEAD_STATES",
    "OPEN_LEAD_STATES",
    "OVERDUE_KINDS",
    "ROLES",
    "RUNGS",
    "SOURCE_AUTHS",
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
    "Lane",
    "Lead",
    "LeadEvent",
    "Member",
    "Persona",
    "PersonaVersion",
    "Policy",
    "RateBucket",
    "Source",
    "Team",
    "TeamMember",
    "Theme",
    "ToldFigures",
    "VocItem",
    "Workspace",
]
