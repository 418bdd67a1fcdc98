"""One-time codes as RFC 6238 (M'Raihi and others, 2011) defines them, apart from the site's own library."""

from __future__ import annotations

import base64
import hashlib
import hmac

STEP = 30  # seconds


def code(secret: str, at: float) -> str:
    """Six digits from a base-32 secret at `at`, in seconds since 1970."""
    moment = int(at // STEP).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), moment, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
