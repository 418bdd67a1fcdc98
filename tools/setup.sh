#!/usr/bin/env bash
# Makes .venv hold exactly what requirements/KIND.txt says, and accord itself from this checkout.
# Usage: tools/setup.sh dev|demo. Does nothing, and needs no network, when nothing changed since the last call.
set -euo pipefail
cd "$(dirname "$0")/.."
kind="${1:?dev or demo}"
python="${PYTHON:-python3}"

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

exec 9<tools/setup.sh
flock 9  # two calls at once take turns

# What the environment was made of. It holds paths, so a moved checkout is made anew.
made_of() { { pwd; cat "requirements/$1.txt" requirements/bootstrap.txt pyproject.toml; } | sha256sum; }
is_made() { [ -x .venv/bin/accord ] && [ "$(cat ".venv/made-of-$1" 2>/dev/null)" = "$(made_of "$1")" ]; }

# The developer's environment holds everything that the demo needs.
if is_made "$kind" || { [ "$kind" = demo ] && is_made dev; }; then exit 0; fi

command -v "$python" >/dev/null || bash tools/apt.sh "Python" python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old: accord needs Python 3.11 or later. Try: make PYTHON=/path/to/python3.11 ..."
"$python" -c 'import venv, ensurepip' 2>/dev/null || bash tools/apt.sh "Python environments" python3-venv
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python cannot make environments (its module ensurepip is missing). Install your system's python3-venv."

rm -f .venv/made-of-*
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "making .venv"
    rm -rf .venv
    "$python" -m venv .venv
fi

locks=("requirements/$kind.txt" requirements/bootstrap.txt)
say "installing requirements/$kind.txt"
pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check install)
with_uv() {
    "${pip[@]}" --require-hashes -r requirements/bootstrap.txt || return 1
    .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "${locks[@]}" || return 1
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --reinstall -e .
}
with_pip() {
    say "uv could not do it; trying pip, which takes a minute or two"
    "${pip[@]}" --require-hashes "${locks[@]/#/-r}" || return 1
    "${pip[@]}" --no-deps --no-build-isolation -e .
}
with_uv || with_pip || fail "the packages could not be installed: see above. Is the network there?"
made_of "$kind" >".venv/made-of-$kind"
