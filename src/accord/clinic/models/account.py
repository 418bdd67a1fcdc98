"""Accounts for signing in. Identity and permissions belong to the account's `Person`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accord.clinic.models.record_path import RecordPath

if TYPE_CHECKING:
    from accord.clinic.models.person import Person


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, *, organisation: Any, email: str, password: str) -> Account:
        account = self.model(organisation=organisation, email=email.strip().lower())
        account.set_password(password)
        account.confirmed_at = timezone.now()
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, email: str | None) -> Account:
        return self.get(email__iexact=email)


class Account(AbstractBaseUser):
    record_path = RecordPath()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("clinic.Organisation", on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)  # when its person set a password; before, it opens nothing
    sign_ins = models.PositiveIntegerField(default=0)  # counted up when all of them end at once

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = AccountManager()
    person: Person

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_once")]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The hash in every session; a new password or another count of `sign_ins` ends them all."""
        content = f"{self.password}|{self.sign_ins}"
        return salted_hmac("accord.clinic.sign-in", content, secret=secret, algorithm="sha256").hexdigest()
