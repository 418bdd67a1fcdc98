"""The hazard log: reads docs/clinical-safety/hazards.toml, refuses what is not honest, writes hazard-log.md.

python tools/hazards.py               writes the page
python tools/hazards.py --check       complains of what is wrong, and of a page that is not up to date
python tools/hazards.py --ran FOLDER  after the tests: every test named as evidence ran there and passed
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs" / "clinical-safety" / "hazards.toml"
PAGE = SOURCE.with_name("hazard-log.md")
FOREVER = tuple(f"H{number}" for number in range(1, 29))  # known from the beginning; more may follow
STATUS = ("open", "controlled")
WORDS = ("id", "name", "cause", "effect", "owner")
# A text that says whom to call helps nobody by being there: no control and no evidence may lean on one.
CALLING = re.compile(
    r"hot-?line|help-?line|life-?line|(?:crisis|emergency|telephone|phone)[\s_-]+(?:line|number|contact)"
    r"|(?:number|whom|where|who)s?[\s_]+to[\s_]+(?:call|ring|phone|turn)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hazard:
    """`severity` 1 to 5 of the harm, `likelihood` 1 to 5; `_after`: with the controls that are there."""

    id: str
    name: str
    cause: str
    effect: str
    severity: int
    likelihood: int
    controls: tuple[str, ...]
    severity_after: int
    likelihood_after: int
    evidence: tuple[str, ...]
    owner: str
    status: str
    missing: str = ""

    @property
    def number(self) -> int:
        return int(self.id[1:]) if re.fullmatch(r"H\d+", self.id) else 0


def read(path: Path = SOURCE) -> list[Hazard]:
    """The hazards of a file. Raises `ValueError` for a table whose keys are not those of a hazard."""
    known = {field.name for field in fields(Hazard)}
    found = []
    for number, told in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["hazard"], 1):
        if set(told) | {"missing"} != known:
            wrong = sorted((set(told) | {"missing"}) ^ known)
            raise ValueError(
                f"hazard {number}: expected the keys of a hazard, found these wrong or absent: {wrong}"
            )
        lists = {key: tuple(told[key]) for key in ("controls", "evidence")}
        found.append(Hazard(**{**told, **lists}))
    return found


def faults(hazards: Sequence[Hazard], root: Path = ROOT) -> list[str]:
    """Everything that keeps this log from being an honest one."""
    ids = [one.id for one in hazards]
    wrong = [f"{one} is gone; a hazard is never deleted" for one in FOREVER if one not in ids]
    if [one.number for one in hazards] != list(range(1, len(hazards) + 1)):
        wrong.append("the ids are not H1, H2, H3 ... in their order, each once")
    return wrong + [f"{one.id}: {told}" for one in hazards for told in _faults(one, root)]


def _faults(one: Hazard, root: Path) -> Iterator[str]:
    yield from (f"{key} is empty" for key in WORDS if not str(getattr(one, key)).strip())
    yield from (
        f"{key}: found {getattr(one, key)}, expected 1 to 5"
        for key in ("severity", "likelihood", "severity_after", "likelihood_after")
        if getattr(one, key) not in range(1, 6)
    )
    yield from _dishonest(one)
    for told in (*one.controls, *one.evidence):
        if CALLING.search(told):
            yield f"leans on a text that says whom to call, which is no control: {told}"
    yield from (f"{test}: {told}" for test in one.evidence if (told := _not_a_test(test, root)))


def _dishonest(one: Hazard) -> Iterator[str]:
    """What does not go together in a hazard."""
    held = {
        f"status: found {one.status!r}, expected {' or '.join(STATUS)}": one.status in STATUS,
        "is open and does not say what is missing": one.status != "open" or one.missing.strip(),
        "is controlled and yet names something missing": one.status != "controlled" or not one.missing,
        "has neither a control with a test that shows it nor the mark open": one.status != "controlled"
        or (one.controls and one.evidence),
        "has controls without a test that shows them, or the other way round": bool(one.controls)
        == bool(one.evidence),
        "is rated better afterwards without any control": one.controls
        or one.severity_after * one.likelihood_after >= one.severity * one.likelihood,
    }
    yield from (told for told, holds in held.items() if not holds)


def _not_a_test(test: str, root: Path) -> str:
    """What is wrong with a test that is named as evidence, or an empty word."""
    file, _, name = test.partition("::")
    path = root / file
    if not (file.startswith("tests/") and path.is_file() and Path(file).name.startswith("test_")):
        return "no such file of tests"
    functions = _functions(path.read_text(encoding="utf-8"))
    return "" if name.startswith("test_") and name in functions else "no such test in that file"


@lru_cache(maxsize=200)
def _functions(source: str) -> frozenset[str]:
    """Names of the functions of a module; many hazards name tests of the same file."""
    return frozenset(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def not_passed(hazards: Sequence[Hazard], folder: Path) -> list[str]:
    """The evidence that did not run and pass in the JUnit files of a folder, in every run that held it."""
    outcomes = _outcomes(folder)
    wrong = []
    for test in sorted({test for one in hazards for test in one.evidence}):
        ran = outcomes.get(test, [])
        if not ran or not all(ran):
            who = ", ".join(one.id for one in hazards if test in one.evidence)
            wrong.append(f"{who}: {test} {'did not pass' if ran else 'did not run'}")
    return wrong


def _outcomes(folder: Path) -> Mapping[str, list[bool]]:
    """Test -> whether it passed, once for each run and each set of parameters."""
    found: dict[str, list[bool]] = {}
    for report in sorted(folder.glob("*.xml")):
        for case in ET.parse(report).getroot().iter("testcase"):
            file = case.get("classname", "").replace(".", "/") + ".py"
            name = case.get("name", "").partition("[")[0]
            passed = all(case.find(told) is None for told in ("failure", "error", "skipped"))
            found.setdefault(f"{file}::{name}", []).append(passed)
    return found


def page(hazards: Sequence[Hazard]) -> str:
    """The log as a page of Markdown."""
    open_ones = [one.id for one in hazards if one.status == "open"]
    lines = [
        "# Hazard log",
        "",
        "Made from `hazards.toml` by `python tools/hazards.py`; change that file and not this page.",
        "[How to keep it](README.md). Severity (S) and likelihood (L) go from 1 to 5, before, and with the",
        "controls that are there now. They are the maintainers' first estimate, which no clinical safety",
        "officer has confirmed.",
        "",
        f"{len(hazards)} hazards; {len(open_ones)} open: {', '.join(open_ones)}.",
        "",
        "| id | hazard | S, L before | S, L now | status | owner |",
        "|---|---|---|---|---|---|",
        *(
            f"| [{one.id}](#{one.id.lower()}) | {one.name} | {one.severity}, {one.likelihood} "
            f"| {one.severity_after}, {one.likelihood_after} | {one.status} | {one.owner} |"
            for one in hazards
        ),
    ]
    for one in hazards:
        lines += ["", *_entry(one)]
    return "\n".join(lines) + "\n"


def _entry(one: Hazard) -> list[str]:
    controls = one.controls or ("None yet.",)
    tests = [f"`{test}`" for test in one.evidence] or ["None yet."]
    return [
        f"## {one.id}",
        "",
        f"**{one.name}.** {one.cause}",
        "",
        f"- Harm: {one.effect}",
        *(f"- Control: {control}" for control in controls),
        *(f"- Shown by: {test}" for test in tests),
        *([f"- **Open**, missing: {one.missing}"] if one.missing else []),
    ]


def main(arguments: Sequence[str]) -> int:
    hazards = read()
    if arguments[:1] == ["--ran"]:
        wrong = not_passed(hazards, Path(arguments[1]))
    else:
        wrong = faults(hazards)
        if not arguments:
            PAGE.write_text(page(hazards), encoding="utf-8")
        elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page(hazards):
            wrong.append(f"{PAGE.name} is not up to date; type: python tools/hazards.py")
    print("\n".join(wrong) if wrong else f"{len(hazards)} hazards: all well")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
