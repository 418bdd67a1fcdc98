"""`accord manage`: Django's commands, and the project's own `setup`, `add-login` and `run_due`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from accord.clinic.site.commands import site

OWN = {"add-login": "add_login", "read-only": "read_only"}  # as a person types it -> as Django names it


def main(arguments: Sequence[str]) -> int:
    """Run one management command. 0: done; 1: it failed; 2: bad settings or usage."""
    given = list(arguments)
    if given:
        given[0] = OWN.get(given[0], given[0])
    try:
        site.load()
    except site.CannotServe as refusal:
        site.complain(refusal)
        return 2
    from django.conf import settings
    from django.core.management import ManagementUtility

    site.make_folder(settings.ACCORD.folder, with_key=False)
    try:
        ManagementUtility(["accord manage", *given]).execute()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
