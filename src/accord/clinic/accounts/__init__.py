"""Signing in. Sessions store where `Confirmed` is defined, so it is defined here and stays here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.auth_backends import AuthenticationBackend

if TYPE_CHECKING:
    from accord.clinic.models import Account


class Confirmed(AuthenticationBackend):
    """An account counts only while it is active and its person has set a password of their own."""

    def user_can_authenticate(self, user: Account) -> bool:
        return user.confirmed_at is not None and super().user_can_authenticate(user)
