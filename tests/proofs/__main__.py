"""Every long proof, one after another: python -m tests.proofs [--share 0.1]

A module of this folder that says `LONG = ...`, its trials, is a proof. Each also runs alone, with its --n.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def proofs() -> dict[str, int]:
    """Each proof with its trials; read from the text, since some modules need a site to be imported."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("[a-z]*.py"))}
    result = {name: re.search(r"^LONG = ([\d_]+)", text, re.MULTILINE) for name, text in texts.items()}
    return {name: int(match[1]) for name, match in result.items() if match}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs")
    parser.add_argument("--share", type=float, default=1.0, help="part of each proof's trials (default: all)")
    share = parser.parse_args().share
    began, bad = time.monotonic(), []
    for name, trials in proofs().items():
        n = max(1, round(trials * share))
        print(f"\n[{time.monotonic() - began:6.0f} s] {name}, {n} trials", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.proofs.{name}", "--n", str(n)], check=False)
        bad += [name] if done.returncode else []
    print(f"\nproofs: {', '.join(bad)} did not hold" if bad else "\nproofs: all hold", flush=True)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
