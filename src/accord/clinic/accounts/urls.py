"""Addresses of signing in and out, second factors, the lock and the quick exit."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.urls import path

from accord.clinic.accounts import locked, quick_exit, second_step, sign_ins

# Each of allauth's pages that this site uses, by name; it has more, such as signing up, which are not here.
urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/login/code/", factors.authenticate, name="mfa_authenticate"),
    path("accounts/login/passkey/", sign_ins.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/again/passkey/", sign_ins.again_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("accounts/again/code/", second_step.ask, name="second-step-again"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/sessions/", usersessions.list_usersessions, name="usersessions_list"),
    path("accounts/sessions/<int:session_id>/end/", sign_ins.end, name="session-end"),
    path("accounts/factors/", factors.index, name="mfa_index"),
    path("accounts/factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/factors/codes/", sign_ins.view_codes, name="mfa_view_recovery_codes"),
    path("accounts/factors/codes/new/", sign_ins.new_codes, name="mfa_generate_recovery_codes"),
    path("accounts/factors/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/factors/keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("accounts/factors/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("accounts/factors/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("awake/", locked.awake, name="awake"),
    path("lock/", locked.lock, name="lock"),
    path("locked/", locked.locked, name="locked"),
    path("locked/passkey/", locked.by_passkey, name="locked-passkey"),
    path("leave/", quick_exit.leave, name="leave"),
]
