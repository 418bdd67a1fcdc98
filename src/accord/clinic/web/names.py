"""Names that are read as they are written: signs that turn or hide what stands beside them are refused."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accord.errors import FormError

# Embeddings, overrides and isolates of direction. Marks of direction and joiners stay: real names hold them.
TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def has_hidden_signs(name: str) -> bool:
    return any(sign in TURNING or unicodedata.category(sign) == "Cc" for sign in name)


def refuse_hidden_signs(*names: str) -> None:
    """Raises `FormError` for a name that is shown otherwise than it is written."""
    if any(map(has_hidden_signs, names)):
        raise FormError(_told())


def check_name(name: str) -> None:
    """The same as a validator of a field."""
    if has_hidden_signs(name):
        raise ValidationError(_told())


def _told() -> str:
    return _("Write the name without hidden signs, such as those that turn its direction. Type it by hand.")
