"""The trees on the architecture page are the orders that import-linter holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def layers_of(container: str) -> list[str]:
    """The order of rooms that import-linter holds; a room in brackets may be absent."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in contracts["tool"]["importlinter"]["contracts"]:
        if contract["type"] == "layers" and contract["containers"] == [container]:
            folder = ROOT / "src" / container.replace(".", "/")
            names = (layer.strip("()") for layer in contract["layers"])
            return [name for name in names if " " in name or _is_room(folder, name)]
    raise LookupError(container)


def _is_room(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()


def trees(page: str) -> list[list[str]]:
    """The first column of each tree on the page: a line is its rooms, two blanks, and what they are for."""
    blocks = re.findall(r"^```\n((?: \S.*\n)+)```$", page, flags=re.MULTILINE)
    return [[re.split(r" {2,}", line.strip())[0] for line in block.splitlines()] for block in blocks]


def test_the_trees_of_the_architecture_page_are_the_contracts():
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    assert trees(page)[:2] == [layers_of("accord"), layers_of("accord.clinic")]
