"""Rows and constraints, one noun per file.

Own reactions are not offered here: their feature and the policy import `models.reaction` itself.
"""

import accord.clinic.models.reaction  # noqa: F401  # Django has to know the tables
from accord.clinic.models.absence import Absence
from accord.clinic.models.account import Account
from accord.clinic.models.act_response import ActResponse
from accord.clinic.models.assessment import Assessment
from accord.clinic.models.audit_event import AuditEvent, AuditHead
from accord.clinic.models.batch import ImportBatch, LeftOutAnswer, SafetyRead
from accord.clinic.models.break_glass import BreakGlass, BreakGlassQuery, BreakGlassSeen
from accord.clinic.models.care_episode import CareEpisode
from accord.clinic.models.checkin import CheckIn
from accord.clinic.models.closing_request import ClosingRequest
from accord.clinic.models.consent import Consent
from accord.clinic.models.contact import Contact, ContactReport
from accord.clinic.models.duty_shift import DutyShift
from accord.clinic.models.engagement import Engagement
from accord.clinic.models.event import Event
from accord.clinic.models.fact import FactIsFixed
from accord.clinic.models.feedback_mode import FeedbackMode
from accord.clinic.models.flag import Flag, Response
from accord.clinic.models.group import Group, GroupLeader
from accord.clinic.models.heartbeat import Heartbeat
from accord.clinic.models.invitation import Invitation
from accord.clinic.models.job import JobState, Worker
from accord.clinic.models.leaving import LeavingEstimate, LeavingModel, ReachedOut
from accord.clinic.models.line import LineRead, LineSharing, OwnLine
from accord.clinic.models.link_withdrawal import LinkWithdrawal
from accord.clinic.models.membership import Membership
from accord.clinic.models.organisation import Organisation
from accord.clinic.models.overview import Overview
from accord.clinic.models.person import Person
from accord.clinic.models.picture_opening import PictureOpening
from accord.clinic.models.population import Population
from accord.clinic.models.read_only import ReadOnlyMode
from accord.clinic.models.recognised import ConfirmedCode, PersonCheck
from accord.clinic.models.scale import Scale
from accord.clinic.models.sealed import SealedText
from accord.clinic.models.team import Team
from accord.clinic.models.upload import UploadedFile

__all__ = [
    "Absence",
    "Account",
    "ActResponse",
    "Assessment",
    "AuditEvent",
    "AuditHead",
    "BreakGlass",
    "BreakGlassQuery",
    "BreakGlassSeen",
    "CareEpisode",
    "CheckIn",
    "ClosingRequest",
    "ConfirmedCode",
    "Consent",
    "Contact",
    "ContactReport",
    "DutyShift",
    "Engagement",
    "Event",
    "FactIsFixed",
    "FeedbackMode",
    "Flag",
    "Group",
    "GroupLeader",
    "Heartbeat",
    "ImportBatch",
    "Invitation",
    "JobState",
    "LeavingEstimate",
    "LeavingModel",
    "LeftOutAnswer",
    "LineRead",
    "LineSharing",
    "LinkWithdrawal",
    "Membership",
    "Organisation",
    "Overview",
    "OwnLine",
    "Person",
    "PersonCheck",
    "PictureOpening",
    "Population",
    "ReachedOut",
    "ReadOnlyMode",
    "Response",
    "SafetyRead",
    "Scale",
    "SealedText",
    "Team",
    "UploadedFile",
    "Worker",
]
