"""Names of the boxes that somebody ticks before a file is imported, which fit what was shown and no more."""

from __future__ import annotations

import json
from hashlib import sha256


def tick(kind: str, *shown: object) -> str:
    """The name of a tick: it changes with what it confirms, so that nothing is confirmed unseen.

    Where the record or an answer has changed a list since it was shown, its tick is missing, and the list
    is shown again.
    """
    content = json.dumps([str(part) for part in shown])
    return f"{kind}-{sha256(content.encode()).hexdigest()[:12]}"
