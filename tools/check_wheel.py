"""Builds the wheel, compares it with the checkout, and starts the demo of a copy installed elsewhere.

Run from the checkout: python -m tools.check_wheel
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.support import site

ROOT = Path(__file__).resolve().parents[1]
UV = [sys.executable, "-m", "uv", "--quiet"]


def built(folder: Path) -> Path:
    build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder)]
    subprocess.run([*UV, *build, str(ROOT)], check=True)
    return next(folder.glob("accord-*.whl"))


def left_out(wheel: Path) -> list[str]:
    """Files of the package that the wheel lacks: templates, styles, definitions and code alike."""
    source = ROOT / "src"
    files = [path for path in (source / "accord").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    packed = set(zipfile.ZipFile(wheel).namelist())
    return sorted(name for name in (str(path.relative_to(source)) for path in files) if name not in packed)


def installed(wheel: Path, folder: Path) -> Path:
    """The command `accord` of a new environment, with the versions of the demo's lock."""
    lines = (ROOT / "requirements" / "demo.txt").read_text(encoding="utf-8").splitlines()
    versions = folder / "versions.txt"
    versions.write_text(
        "\n".join(line.removesuffix(" \\") for line in lines if "==" in line), encoding="utf-8"
    )
    environment = folder / "environment"
    subprocess.run([*UV, "venv", "--python", sys.executable, str(environment)], check=True)
    python = str(environment / "bin" / "python")
    install = ["pip", "install", "--python", python, "--constraint", str(versions), f"{wheel}[clinic]"]
    subprocess.run([*UV, *install], check=True, cwd=folder)
    return environment / "bin" / "accord"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="accord-wheel-") as scratch:
        folder = Path(scratch)
        wheel = built(folder)
        missing = left_out(wheel)
        print(f"{wheel.name}: {len(zipfile.ZipFile(wheel).namelist())} files, {len(missing)} left out")
        if missing:
            print("\n".join(missing))
            return 1
        accord = installed(wheel, folder)
        subprocess.run([accord, "--help"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        with site.running((str(accord), "demo")) as running:
            print(f"its demo answers at {running.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
