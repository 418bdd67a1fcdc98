"""Adapters of allauth: the programme creates accounts, which open nothing until they are confirmed.

allauth asks these classes: `Accounts` for sign-in and messages, `Confirmed` for who counts as signed in,
`SecondFactors` and the forms below for passkeys, codes from an app and recovery codes.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.clinic.accounts import Confirmed, sign_in_events
from accord.clinic.accounts.attempts import WINDOW, Attempt
from accord.clinic.encryption import factor_secrets
from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.encryption.rings import KeyProblem
from accord.clinic.models import Account
from accord.clinic.models.actors import SYSTEM

log = logging.getLogger(__name__)
MAIN_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Accounts(DefaultAccountAdapter):
    """Nobody signs up, and no answer tells whether an account exists."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("This e-mail and this password do not belong together."),
        "incorrect_password": gettext_lazy("This is not the password."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait five minutes, then try again."),
        "rate_limited": gettext_lazy("Too many tries. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """As allauth does it, but a closed or unconfirmed account is answered like a wrong password."""
        user = super().authenticate(request, **credentials)
        if user is None or Confirmed().user_can_authenticate(user):
            return user
        self.authentication_failed(request, **credentials)
        return None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = Attempt(request, credentials.get("email", ""))
        if not self._attempt.is_allowed():
            if self._attempt.is_first_refused():
                sign_in_events.refused(
                    request=request, email=self._attempt.email, fields=["too_many"], by=SYSTEM
                )
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "")
        sign_in_events.refused(request=request, email=email, fields=["password"], by=SYSTEM)

    def _rollback_login_failed_rl_usage(self) -> None:
        """What allauth calls after a right password."""
        self._attempt.was_right()

    def reauthenticate(self, user: Any, password: str) -> bool:
        account = self.authenticate(self.request, email=user.email, password=password)
        return account is not None and bool(account.pk == user.pk)

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        if not Confirmed().user_can_authenticate(user):
            return self.respond_user_inactive(request, user)
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        return answer

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return redirect("account_login")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The password or a passkey; a code from an app alone is not enough."""
        methods = [
            {"id": "password", "description": _("Use your password"), "name": "account_reauthenticate"}
        ]
        if Authenticator.objects.filter(user=user.pk, type=Authenticator.Type.WEBAUTHN).exists():
            name = "mfa_reauthenticate_webauthn"
            methods.append({"id": "passkey", "description": _("Use a passkey"), "name": name})
        return [{**method, "url": reverse(method["name"])} for method in methods]


class SecondFactors(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This did not work. Each code works once and for a short time."),
        "cannot_check": gettext_lazy(
            "Codes cannot be checked at the moment. Use a passkey, or ask the person who runs this site."
        ),
    }

    def encrypt(self, text: str) -> str:
        return factor_secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return factor_secrets.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "accord"

    def get_totp_label(self, user: Any) -> str:
        return f"accord {user.email}"

    def build_totp_svg(self, url: str) -> str:
        """The picture without the XML declaration, to stand inside a page: no data: address is needed."""
        whole: str = super().build_totp_svg(url)
        return whole.partition("?>")[2]

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": settings.ACCORD.host, "name": "accord"}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Key %(number)s") % {"number": number}


class CodeForm(AuthenticateForm):
    """A code that was taken is not taken again for as long as it would be valid."""

    def clean_code(self) -> str:
        try:
            code: str = self._checked()
        except (CannotRead, KeyProblem) as reason:
            log.error("a second factor of account %s cannot be read: %s", self.user.pk, reason)
            raise SecondFactors().validation_error("cannot_check") from None
        window = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(used_code_key(self.user, code), True, timeout=window):
            sign_in_events.note(
                account=self.user, action="account.code_refused", by=SYSTEM, fields=["code_used_before"]
            )
            raise SecondFactors().validation_error("incorrect_code")
        return code

    def _checked(self) -> str:
        """As allauth does it; one code too many is noted once in a while."""
        try:
            code: str = super().clean_code()
        except ValidationError as refusal:
            if refusal.code == "too_many_login_attempts" and cache.add(
                f"accord.refused.{self.user.pk}", True, timeout=WINDOW
            ):
                sign_in_events.note(
                    account=self.user, action="account.code_refused", by=SYSTEM, fields=["too_many"]
                )
            raise
        return code


def used_code_key(account: Account, code: str) -> str:
    return f"accord.code.used.{account.pk}.{normalize_user_code(code)}"


def has_second_factor(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type__in=MAIN_FACTORS).exists())
