"""Every table, by subject. Import models from here."""

from storage.models.content import Asset, AssetFigures, ContentImport
from storage.models.delivery import AuditEvent, Card, Delivery, InboxKey, Lane, MethodPause
from storage.models.digests import Audience, Edition
from storage.models.leads import Clock, Lead, LeadEvent
from storage.models.people import Member, Policy, Source, Team, TeamMember, Workspace
from storage.models.personas import Persona, PersonaVersion
from storage.models.voc import Account, Theme, VocItem

__all__ = [
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
    "Lane",
    "Lead",
    "LeadEvent",
    "Member",
    "MethodPause",
    "Persona",
    "PersonaVersion",
    "Policy",
    "Source",
    "Team",
    "TeamMember",
    "Theme",
    "VocItem",
    "Workspace",
]
