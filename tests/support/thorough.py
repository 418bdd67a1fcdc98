"""Whether the longer proofs run, as with `make prove`: everything is tried, and not a part of it."""

from __future__ import annotations

import os

PROFILE = os.environ.get("ACCORD_HYPOTHESIS", "check")
PROOF = PROFILE == "proof"
