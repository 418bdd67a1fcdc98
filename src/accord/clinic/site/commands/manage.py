"""`accord manage`: looking after a site. Of Django's commands it offers those that cannot harm a record."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from accord.clinic.site.commands import site

OFFERED: Mapping[str, str] = {
    "setup": "make the organisation, its first team and its programme lead",
    "add-login": "give a person an account, and a role in a team",
    "invite": "make a link with which a person sets a password",
    "read-only": "stop all writing, or allow it again",
    "health": "say how the site is: database, jobs, disk, last backup, log",
    "run_due": "run the jobs that are due, once",
    "migrate": "bring the database to this version",
    "showmigrations": "list the steps that brought the database here",
    "createcachetable": "make the table of counts of sign-in tries",
    "clearsessions": "remove sign-ins that have ended",
    "check": "say what is wrong with the settings",
}
OWN = {"add-login": "add_login", "read-only": "read_only"}  # as a person types it -> as Django names it
HELP = ("help", "--help", "-h")
OF_MIGRATE = ("--plan", "--check", "--no-input", "--noinput", "--help", "-h", "--skip-checks", "--traceback")
REFUSED = (
    "accord manage does not offer {0!r}. Django's commands that change, copy out or delete a record past its "
    "access rules, guards and log are left out; to copy a record use `accord backup`, for a password "
    "`accord manage invite`. It offers: {1}."
)
FORWARD = (
    "accord manage migrate brings the database to this version and takes no names or other options; to go "
    "back to an earlier version, restore the backup made before."
)


def main(arguments: Sequence[str]) -> int:
    """Run one management command. 0: done; 1: it failed; 2: bad settings or usage, or not offered."""
    given = list(arguments)
    if not given or (given[0] in HELP and len(given) == 1):
        print(_listed())
        return 0 if given else site.REFUSED
    try:
        _refuse_dangerous(given)
        site.load()
    except site.CannotServe as refusal:
        site.complain(refusal)
        return site.REFUSED
    return _execute([OWN.get(word, word) for word in given[:2]] + given[2:])


def _refuse_dangerous(given: Sequence[str]) -> None:
    name = given[1] if given[0] == "help" else given[0]
    if name not in OFFERED and name not in OWN.values():
        raise site.CannotServe(REFUSED.format(name, ", ".join(OFFERED)))
    if name == "migrate" and not set(given[1:]) <= {name, *OF_MIGRATE}:
        raise site.CannotServe(FORWARD)


def _listed() -> str:
    rows = "\n".join(f"  {name:<17} {about}" for name, about in OFFERED.items())
    return f"usage: accord manage COMMAND [options]\n\nLook after the site.\n\n{rows}"


def _execute(given: list[str]) -> int:
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
