"""Rules of the house that no linter knows. Each takes a file's path and text and complains in words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 300
LONGEST_LINE_BY_HAND = 500  # characters; what a minifier writes is longer
SKIPS_HERE = "tests/support/shared_data.py"

# Written in pieces, so that this file itself names none of them.
_DOT = r"\."
REGISTRIES = re.compile(
    "|".join(
        _DOT.join(parts)
        for parts in (
            ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(?:org|com)"), ("deb", "debian", "org"),
            ("security", "debian", "org"), ("yarnpkg", "com"), ("crates", "io"), ("proxy", "golang", "org"),
            ("jsdelivr", "net"), ("unpkg", "com"), ("cdnjs", "cloudflare", "com"), ("googleapis", "com"),
        )
    )
)  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm|root|home|Users)/[\w.]")
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
FROM_AN_INDEX = re.compile(r"(?:pipx? install|uv add|uv tool install)\s(?:-\S+\s)*['\"]?accord(?![-\w./])")
SKIPPED = re.compile(
    r"\b(?:mark\.(?:skip|skipif|xfail)|pytest\.(?:skip|xfail|importorskip)|unittest\.skip)\b"
)

Rule = Callable[[str, str], Iterator[str]]


def _found(pattern: re.Pattern[str], text: str, what: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := pattern.search(line):
            yield f"line {number}: {what}: {match.group()}"


def names_no_registry(path: str, text: str) -> Iterator[str]:
    yield from _found(REGISTRIES, text, "host of a package registry")


def names_no_machine_path(path: str, text: str) -> Iterator[str]:
    yield from _found(MACHINE_PATHS, text, "path of one machine")


def leaves_nothing_unfinished(path: str, text: str) -> Iterator[str]:
    yield from _found(UNFINISHED, text, "unfinished")


def skips_no_test(path: str, text: str) -> Iterator[str]:
    if path.startswith("tests/") and path.endswith(".py") and path != SKIPS_HERE:
        yield from _found(SKIPPED, text, "a test that may not run")


def is_short_enough(path: str, text: str) -> Iterator[str]:
    lines = text.count("\n")
    by_hand = path.startswith("src/") and path.endswith(".py") and "/migrations/" not in path
    lines = text.count("\n")
    if by_hand and lines > MOST_LINES:
        yield f"{lines} lines; a module has at most {MOST_LINES}"


def is_written_by_hand(path: str, text: str) -> Iterator[str]:
    if not path.endswith((".js", ".mjs", ".css")):
        return
    longest = max(map(len, text.splitlines()), default=0)
    if ".min." in Path(path).name or longest > LONGEST_LINE_BY_HAND:
        yield f"looks minified (longest line: {longest}); other people's files come inside packages"


def installs_from_no_index(path: str, text: str) -> Iterator[str]:
    """In a package index the name accord is not this project's: another package would be installed."""
    yield from _found(FROM_AN_INDEX, text, "installs accord from a package index")


RULES: tuple[Rule, ...] = (
    names_no_registry,
    names_no_machine_path,
    leaves_nothing_unfinished,
    skips_no_test,
    is_short_enough,
    is_written_by_hand,
    installs_from_no_index,
)


def complaints(rule: Rule, path: str, text: str) -> list[str]:
    return [f"{path}: {complaint}" for complaint in rule(path, text)]


def project_files() -> list[str]:
    """Files that are or would be committed; without git, all that no tool made."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ) if (ROOT / ".git").exists() else None  # fmt: skip
    if listed is not None and listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not _made(name)]
    return sorted(name for name in names if (ROOT / name).is_file())


def _made(name: str) -> bool:
    ignored = {line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()} | {".git"}
    return any(part in ignored for part in Path(name).parts)


def text_of(name: str) -> str | None:
    """None for pictures and other files that are not text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def imported_by(*arguments: str) -> set[str]:
    """Top-level names of the modules that `python ARGUMENTS` imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    rows = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {row[-1].strip().split(".")[0] for row in rows if len(row) == 3}
