"""Signing in and out, second factors, the lock and the quick exit."""

from __future__ import annotations

from accord.clinic.accounts import urls
from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "account.sign_in": OF_NO_CLIENT,
        "account.sign_in_refused": OF_NO_CLIENT,
        "account.code_refused": OF_NO_CLIENT,
        "account.passkey_refused": OF_NO_CLIENT,
        "account.unlock_refused": OF_NO_CLIENT,
        "account.again_refused": OF_NO_CLIENT,
        "account.factor_add": OF_NO_CLIENT,
        "account.factor_remove": OF_NO_CLIENT,
        "account.factor_reset": OF_NO_CLIENT,
        "account.factor_use": OF_NO_CLIENT,
        "account.password_change": OF_NO_CLIENT,
        "account.end_session": OF_NO_CLIENT,
        "account.end_sessions": OF_NO_CLIENT,
    },
)
