"""Everything that can be known without running a test. All of it is told, also after a first failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CHECKS = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet"],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise"],
    "types": [str(BIN / "mypy")],
    "imports": [str(BIN / "lint-imports")],
    "locks": [sys.executable, "tools/lock.py", "--check"],
    "messages": [sys.executable, "tools/commit_messages.py"],
    "hazards": [sys.executable, "tools/hazards.py", "--check"],
}


def failed() -> list[str]:
    """Runs every check; the names of those that found something, whose words are printed."""
    bad = []
    for name, command in CHECKS.items():
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"  {name:<8} {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode != 0:
            bad.append(name)
            print(done.stdout + done.stderr, flush=True)
    return bad


def main() -> int:
    bad = failed()
    print(f"check: {', '.join(bad)} failed" if bad else "check: all well")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
