"""The list of features: what is not in it is not part of the site.

The navigation follows its order, and so does filling the demonstration, where ruptures of the past come after
what looks for clients without a flag.
"""

from __future__ import annotations

from accord.clinic.accounts.closing.feature import FEATURE as CLOSING
from accord.clinic.accounts.feature import FEATURE as ACCOUNTS
from accord.clinic.accounts.invitations.feature import FEATURE as INVITATIONS
from accord.clinic.client.checkins.feature import FEATURE as CHECKINS
from accord.clinic.client.consents.feature import FEATURE as CONSENTS
from accord.clinic.client.own_notes.feature import FEATURE as OWN_NOTES
from accord.clinic.client.own_record.feature import FEATURE as OWN_RECORD
from accord.clinic.clinician.absences.feature import FEATURE as ABSENCES
from accord.clinic.clinician.client_page.feature import FEATURE as CLIENT_PAGE
from accord.clinic.clinician.contacts.feature import FEATURE as CONTACTS
from accord.clinic.clinician.emergency.feature import FEATURE as EMERGENCY
from accord.clinic.clinician.reactions.feature import FEATURE as REACTIONS
from accord.clinic.clinician.worklist.feature import FEATURE as WORKLIST
from accord.clinic.programme.alarm_budget.feature import FEATURE as ALARM_BUDGET
from accord.clinic.programme.audit_log.feature import FEATURE as AUDIT_LOG
from accord.clinic.programme.care.feature import FEATURE as CARE
from accord.clinic.programme.dropout.feature import FEATURE as DROPOUT
from accord.clinic.programme.duty.feature import FEATURE as DUTY
from accord.clinic.programme.groups.feature import FEATURE as GROUPS
from accord.clinic.programme.handover.feature import FEATURE as HANDOVER
from accord.clinic.programme.imports.feature import FEATURE as IMPORTS
from accord.clinic.programme.outcomes.feature import FEATURE as OUTCOMES
from accord.clinic.programme.people.feature import FEATURE as PEOPLE
from accord.clinic.programme.research.feature import FEATURE as RESEARCH
from accord.clinic.site.feature import FEATURE as SITE
from accord.clinic.web.feature import Feature

FEATURES: tuple[Feature, ...] = (
    SITE,
    ACCOUNTS,
    CLOSING,
    CHECKINS,
    CONSENTS,
    OWN_NOTES,
    OWN_RECORD,
    CONTACTS,
    ABSENCES,
    WORKLIST,
    CLIENT_PAGE,
    REACTIONS,
    PEOPLE,
    GROUPS,
    CARE,
    HANDOVER,
    DUTY,
    OUTCOMES,
    EMERGENCY,
    IMPORTS,
    ALARM_BUDGET,
    DROPOUT,
    RESEARCH,
    AUDIT_LOG,
    INVITATIONS,
)
