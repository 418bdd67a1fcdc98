#!/usr/bin/env bash
# A browser and a PostgreSQL server for the tests. Looks where tests/support looks.
set -euo pipefail
cd "$(dirname "$0")/.."

has_browser() { [ -x "${CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome >/dev/null; }
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null; }

# The driver that comes with the browser tests is a program of its own; a small Debian lacks a library it needs.
has_driver() { .venv/lib/python3*/site-packages/playwright/driver/node --version >/dev/null 2>&1; }

has_gettext() { command -v xgettext >/dev/null; }

has_browser || bash tools/apt.sh "a browser for the tests" chromium fonts-dejavu-core fonts-liberation
has_postgres || bash tools/apt.sh "a PostgreSQL server for the tests" postgresql
has_driver || bash tools/apt.sh "a library for the browser's driver" libatomic1 libstdc++6
has_gettext || bash tools/apt.sh "the tools that collect messages for translators" gettext
has_browser || { echo "setup: no Chromium found; name one: CHROMIUM=/path/to/chromium make test" >&2; exit 1; }
has_postgres || { echo "setup: no PostgreSQL server found after installing one" >&2; exit 1; }
has_gettext || { echo "setup: no xgettext found after installing gettext" >&2; exit 1; }
