"""Inviting people to sign in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.accounts.closing.actions import number_waiting_for
from accord.clinic.accounts.invitations import urls
from accord.clinic.audit.actions import ClientWords
from accord.clinic.policy import Action
from accord.clinic.web.feature import Feature, Link

INVITED = ClientWords(_("invited you to sign in, or took an invitation back"), 170)

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(
        Link("invitations", _("Sign-ins"), Action.INVITE, frozenset({"invite"}), badge=number_waiting_for),
    ),
    audit_actions={
        "invitation.make": INVITED,
        "invitation.accept": INVITED,
        "invitation.withdraw": INVITED,
        "sign_in.read": ClientWords(_("looked at whether you can sign in"), 180),
    },
)
