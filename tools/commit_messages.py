"""Checks commit messages against the rule in CONTRIBUTING.md: `area: imperative summary`, why in the body.

Commits up to the one that brought this file are left alone. Without a history (a tarball, a shallow clone)
only the commits that are there are checked.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST = 72  # characters of the first line
SUBJECT = re.compile(r"[a-z][a-z0-9-]*(?:[/, ]+[a-z][a-z0-9-]*)*: \S.*")
GIT_ITSELF = re.compile(r"(Merge|Revert|fixup!|squash!) ?")
ENDING = re.compile(r"[a-z]+(ed|ing)$")
ENDING_ALL_THE_SAME = {
    "bring",
    "embed",
    "exceed",
    "feed",
    "need",
    "proceed",
    "seed",
    "shed",
    "speed",
    "string",
}


def faults(message: str) -> list[str]:
    """What is wrong with one message, in words; nothing when it follows the rule."""
    subject, _, rest = message.strip().partition("\n")
    if GIT_ITSELF.match(subject):
        return []
    found = [] if SUBJECT.fullmatch(subject) else ["no `area: summary`, with the area in small letters"]
    if len(subject) > MOST:
        found.append(f"a first line of {len(subject)} characters, at most {MOST} are allowed")
    if subject.endswith("."):
        found.append("a full stop at the end of the first line")
    if rest and rest.splitlines()[0].strip():
        found.append("no empty line between the first line and the body")
    return found + _verb(subject.partition(": ")[2])


def _verb(summary: str) -> list[str]:
    first = summary.split(" ", maxsplit=1)[0]
    if ENDING.match(first) and first not in ENDING_ALL_THE_SAME:
        return [f"the first word {first!r}, expected an imperative such as `add` or `mend`"]
    return []


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def messages(root: Path = ROOT) -> dict[str, str]:
    """Messages by short id, of every commit after the rule began; none without git or a history."""
    if shutil.which("git") is None or Path(_git(root, "rev-parse", "--show-toplevel").strip() or "/") != root:
        return {}
    added = _git(root, "log", "--diff-filter=A", "--format=%H", "--", "tools/commit_messages.py").split()
    since = [f"{added[-1]}..HEAD"] if added else ["HEAD"]
    told = _git(root, "log", "--no-merges", "--format=%h%x00%B%x01", *since)
    pairs = (part.strip().partition("\0") for part in told.split("\1") if part.strip())
    return {commit: message for commit, _, message in pairs}


def main() -> int:
    found = [f"{commit}: {fault}" for commit, message in messages().items() for fault in faults(message)]
    print("\n".join(found) or "every commit message follows the rule")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
