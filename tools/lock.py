"""Resolves the dependencies of pyproject.toml into hash-locked files, or checks that those are current.

Checking needs no network: each lock begins with a digest of what it was resolved from. No lock holds a URL,
so it serves with any package index.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "dev": ["pyproject.toml", "--extra", "clinic", "--extra", "fast", "--extra", "study", "--group", "dev"],
    "demo": ["pyproject.toml", "--extra", "clinic", "--group", "build"],
    "bootstrap": ["--group", "bootstrap", "--no-deps"],
}
MARK = "# resolved from "


def digest(pyproject: str, name: str) -> str:
    """Of everything in pyproject.toml that decides what a lock holds."""
    data = tomllib.loads(pyproject)
    project = data["project"]
    parts = [project["requires-python"], project["dependencies"], project["optional-dependencies"]]
    told = json.dumps([*parts, data["dependency-groups"], data["build-system"]["requires"], LOCKS[name]])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def entries(lock: str) -> dict[str, str]:
    """Each requirement with the lines that belong to it."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {block.split()[0]: block for block in blocks if block and block[0].isalnum()}


def faults(name: str, lock: str, pyproject: str) -> list[str]:
    """What is wrong with one lock file, in words; nothing when it can be trusted."""
    found = []
    if not lock.startswith(f"{MARK}{digest(pyproject, name)}\n"):
        found.append("pyproject.toml has changed since: run `make lock`")
    if "://" in lock:
        found.append("holds a URL")
    found += [f"{what} has no hash" for what, block in entries(lock).items() if "--hash=sha256:" not in block]
    found += [f"{what} is not pinned" for what in entries(lock) if "==" not in what]
    return found


def path_of(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def check() -> int:
    pyproject = (ROOT / "pyproject.toml").read_text()
    told = [f"requirements/{name}.txt: {fault}"
            for name in LOCKS for fault in faults(name, path_of(name).read_text(), pyproject)]  # fmt: skip
    print("\n".join(told) or f"{len(LOCKS)} lock files are current, hashed and without URLs")
    return bool(told)


def resolve(name: str) -> None:
    """Keeps the versions already locked unless asked to upgrade; the demo takes the developer's versions."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *LOCKS[name], "--universal"]
    command += [
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-emit-index-url",
        "--quiet",
    ]
    command += ["--output-file", f"requirements/{name}.txt", *sys.argv[1:]]
    if name == "demo":
        command += ["--constraint", "requirements/dev.txt"]
    subprocess.run(command, cwd=ROOT, check=True)
    lock = path_of(name).read_text()
    kept = [line for line in lock.splitlines() if "://" not in line and not line.startswith(MARK)]
    mark = MARK + digest((ROOT / "pyproject.toml").read_text(), name)
    path_of(name).write_text("\n".join([mark, *kept]) + "\n")


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        return check()
    for name in LOCKS:
        resolve(name)
    return check()


if __name__ == "__main__":
    sys.exit(main())
