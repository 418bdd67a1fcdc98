"""The digest of a form's content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from accord.clinic.models.line import Line
from accord.records.ratings import Hard, Instrument, Rater


def body_hash(
    contact_id: UUID,
    rater: Rater,
    instrument: Instrument,
    answers: Mapping[str, float],
    line: Line | None = None,
    hard: Hard | None = None,
) -> str:
    """The same for the same form. Of a line only for whom it is: a digest of few words could be guessed.

    The words themselves are compared by `lines.is_same`, with what is stored sealed.
    """
    body: list[Any] = [contact_id.hex, rater.value, instrument.id, instrument.version]
    body += [sorted(answers.items()), *([line.audience] if line else []), *([hard.value] if hard else [])]
    return sha256(json.dumps(body).encode()).hexdigest()
