#!/usr/bin/env bash
# Installs Debian packages as root or through sudo, or says what to type. Usage: tools/apt.sh "what for" PACKAGE...
set -euo pipefail
what="${1:?what for}"
shift
command="apt-get install --no-install-recommends $*"

fail() { echo "setup: $what is missing and $1. As an administrator, type:  $command" >&2; exit 1; }

command -v apt-get >/dev/null || fail "this is not a Debian-like system (install the same programs its own way)"
if [ "$(id -u)" = 0 ]; then as_root=(env)
elif command -v sudo >/dev/null; then as_root=(sudo env)
else fail "there is neither root nor sudo here"
fi

install() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; }

log="$(mktemp)"
trap 'rm -f "$log"' EXIT
echo "setup: installing $what ($*)" >&2
# The package list may be missing or old: asked anew only when the first try did not work.
install "$@" >"$log" 2>&1 </dev/null ||
    { "${as_root[@]}" apt-get update -qq >"$log" 2>&1 && install "$@" >>"$log" 2>&1 </dev/null; } ||
    { cat "$log" >&2; fail "apt-get could not install it"; }
