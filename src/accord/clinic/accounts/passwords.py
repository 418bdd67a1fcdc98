"""Passwords that somebody guesses first: one's own address, one character, or a row of the keyboard."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ENOUGH = 8  # characters that are left of a password beside one's own address
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "1234567890",
    "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn",
)  # fmt: skip
NEIGHBOURS = frozenset(pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way))


class EasyToGuess:
    """A validator of Django for new passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError`."""
        plain = re.sub(r"[\W_]", "", password.casefold())
        if is_repeated(plain) or is_row(plain) or is_own_address(plain, getattr(user, "email", "") or ""):
            raise ValidationError(self.get_help_text(), code="password_easy_to_guess")

    def get_help_text(self) -> str:
        return _(
            "Choose a password that is not your own address, a word written twice, one character or a row "
            "such as 123456. Four words that have nothing to do with each other are good."
        )


def is_repeated(plain: str) -> bool:
    """Whether it is one piece again and again, such as aaaa or accordaccord; also where nothing is left."""
    return not plain or plain in (plain + plain)[1:-1]


def is_row(plain: str) -> bool:
    """Whether nearly every character is the neighbour of the one before, or the same."""
    steps = [pair in NEIGHBOURS or pair[0] == pair[1] for pair in pairwise(plain)]
    return steps.count(False) <= len(plain) // 6


def is_own_address(plain: str, email: str) -> bool:
    """Whether little is left of it without the parts of the address."""
    parts = [part for part in re.split(r"[\W_]+", email.casefold()) if len(part) > 2]
    for part in sorted({*parts, re.sub(r"[\W_]", "", email.casefold())}, key=len, reverse=True):
        plain = plain.replace(part, "") if part else plain
    return bool(email) and len(plain) < ENOUGH
