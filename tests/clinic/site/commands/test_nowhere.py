"""In an empty folder and without settings every command on a site's data writes nothing and ends with 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from accord.clinic.site.commands import manage
from accord.commands.site import COMMANDS

COMMAND_LINES = [
    ["serve"], ["work"], ["keys", "new"], ["keys", "list"], ["keys", "rotate"], ["keys", "retire", "0a1b2c"],
    ["audit", "verify"], ["audit", "head"], ["population", "refit"], ["programme", "overview"],
    ["programme", "take-out", "--by", "a@b.example", "--folder", "out"], ["leaving", "refit"],
    ["backup", "file.age", "--to", "age1"], ["restore", "file.age", "--key", "key"],
    *(["manage", name] for name in manage.OFFERED),
]  # fmt: skip
# One process for all: each command in a child of it, as a process of its own would begin.
SCRIPT = """
import json, os, sys
import accord.clinic.site.commands.manage, accord.clinic.settings
from accord.__main__ import main
ends = []
for line in json.loads(sys.argv[1]):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 1
        try:
            code = main(line)
        except SystemExit as end:
            code = end.code
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)
    ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(ends))
"""


def _ends(folder, lines) -> list[int]:
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment["ACCORD_ENV_FILE"] = ""  # that of this machine, if it has one
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(lines)],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.count("ACCORD_FOLDER is not set") == (len(lines) if not any(folder.iterdir()) else 0)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_command_in_the_wrong_place_writes_nothing_and_ends_with_2(tmp_path):
    ends = dict(zip(map(" ".join, COMMAND_LINES), _ends(tmp_path, COMMAND_LINES), strict=True))
    assert {line: code for line, code in ends.items() if code != 2} == {}
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_a_folder_of_a_site_its_commands_go_on(tmp_path):
    """The planted opposite: the refusal is about the place and not about the command."""
    (tmp_path / "accord-data").mkdir(mode=0o700)
    assert _ends(tmp_path, [["keys", "new"]]) == [0]
    assert (tmp_path / "accord-data" / "keys").is_dir()


def test_every_command_of_a_site_is_among_them():
    assert {line[0] for line in COMMAND_LINES} == set(COMMANDS) - {"demo"}
