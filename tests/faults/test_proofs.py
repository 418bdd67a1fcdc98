"""A small number of trials of each long proof, with the faults planted in it: `make prove` runs the long
ones."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.proofs import telling
from tests.proofs.__main__ import HERE, main, proofs

SMALL = {
    "kill": (4, 2),
    "power": (200, 60),
    "uploads": (12, 12),
    "postgres": (2, 2),
    "backups": (1, 1),
    "record": (60, 120),
}  # proof -> trials, and trials of each planted fault
ELSEWHERE = {
    "recovery": "tests/reference/multilevel/test_recovery.py",
    "leaving": "tests/reference/test_dropout.py",
    "guards": "tests/integration/test_access_matrix.py",
    "strangers": "tests/clinic/site/test_web_server.py",  # without its bound on speed
}  # proof -> the tests that run it small


def test_every_long_proof_is_also_run_small():
    assert set(SMALL) <= set(proofs()) <= set(SMALL) | set(ELSEWHERE)
    assert all((HERE.parents[1] / ELSEWHERE[name]).exists() for name in set(proofs()) - set(SMALL))


@pytest.mark.parametrize(("broken", "code"), [(None, 0), ("power", 1), ("guards", 1)])
def test_one_proof_that_does_not_hold_is_the_end_of_all_of_them(monkeypatch, capsys, broken, code):
    ran = []

    def run(command, **_):
        ran.append(command[2].removeprefix("tests.proofs."))
        return subprocess.CompletedProcess(command, int(ran[-1] == broken))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["tests.proofs"])
    assert main() == code
    assert ran == list(proofs()), "and the others run all the same"
    assert (f"{broken} did not hold" in capsys.readouterr().out) == (broken is not None)


def test_a_proof_ends_with_1_when_it_does_not_hold(tmp_path):
    def prove(n, few, progress):
        return _proof(bad=n - 1)

    result: dict[str, Any] = {"name": "x", "n": 1, "few": 1}
    assert telling.run(prove, **result, arguments=["--keep", str(tmp_path)]) == 0
    assert telling.run(prove, **result, arguments=["--n", "2", "--keep", str(tmp_path)]) == 1


def test_a_proof_that_is_ended_early_tells_of_the_trials_it_did():
    progress = telling.Progress("x")
    done = []
    for number in progress.trials(10):
        done.append(number)
        progress.ends_early = number == 3
    assert done == [1, 2, 3]
    assert list(telling.Progress("x").trials(4)) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", SMALL)
def test_the_proof_holds_and_turns_red_with_each_planted_fault(name, tmp_path):
    n, few = SMALL[name]
    command = [
        sys.executable,
        "-m",
        f"tests.proofs.{name}",
        "--n",
        str(n),
        "--few",
        str(few),
        "--keep",
        tmp_path,
    ]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    content = json.loads((tmp_path / f"{name}.json").read_text())
    assert (content["bad"], content["of"] >= 1, content["holds"]) == (0, True, True)
    assert content["planted"]
    assert all(content["planted"].values())
    assert f"0 of {content['of']}" in done.stdout


def _proof(**change):
    result: dict[str, Any] = {
        "name": "x",
        "promise": "y",
        "bad": 0,
        "of": 200,
        "unit": "kills",
        "planted": {"late": True},
    }
    return telling.Proof(**{**result, **change})


def test_a_proof_tells_its_bound_by_the_rule_of_three():
    assert telling.bound_of(200) == 0.015
    assert "0 of 200 kills; below 0.015 with 95 % confidence" in _proof().summary()


@pytest.mark.parametrize(
    "change", [{"bad": 1}, {"of": 0}, {"planted": {}}, {"planted": {"late": True, "never": False}}]
)
def test_a_proof_that_broke_tried_nothing_or_is_blind_does_not_hold(change):
    assert _proof().holds
    assert not _proof(**change).holds
    assert "DOES NOT HOLD" in _proof(**change).summary()
