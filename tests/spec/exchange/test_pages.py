"""The commands on the pages do what the pages say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.spec.exchange.commands import run, shell_blocks
from tests.support.shared_data import ROOT

WIDE = """ParticipantID,SessionID,ECBI_Intensity
1.0,1.0,150.0
1.0,2.0,
1.0,3.0,140.0
2.0,1.0,300.0
2.0,2.0,120.0
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_first_scan_runs_as_written(tmp_path: Path) -> None:
    printed = "".join(run(block, tmp_path) for block in shell_blocks("tutorials/first-scan.md"))
    assert printed.count("40 relationships") == 2  # on screen and from Python, and no more with --quiet
    assert printed.count("About half of ruptures leave no mark in ratings.") == 2
    assert (tmp_path / "findings.csv").read_text() == (tmp_path / "again.csv").read_text()
    assert {row["client"] for row in rows_of(tmp_path / "findings.csv")} == {
        row["client"] for row in rows_of(tmp_path / "truth.csv")
    }


def test_a_wide_export_is_turned_round_and_scanned_as_written(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(WIDE)
    for block in shell_blocks("how-to/scan-your-own-file.md"):
        run(block, tmp_path)
    rows = rows_of(tmp_path / "findings.csv")
    assert [(row["client"], row["session"], row["state"]) for row in rows] == [
        ("1", "1", "too_early"),
        ("1", "2", "no_rating"),
        ("1", "3", "too_early"),
        ("2", "2", "too_early"),
    ]
    assert [row["found"] for row in rows_of(tmp_path / "findings.bad.csv")] == ["300.0"]


def test_real_session_records_give_a_row_for_each_rated_session_in_range(
    tmp_path: Path, shared_data_folder: Path
) -> None:
    wide = rows_of(shared_data_folder / "real" / "pcit_long.csv")
    (tmp_path / "wide.csv").write_bytes((shared_data_folder / "real" / "pcit_long.csv").read_bytes())
    for block in shell_blocks("how-to/scan-your-own-file.md"):
        run(block, tmp_path)
    scores = [(row["ParticipantID"], row["SessionID"], row["ECBI_Intensity"]) for row in wide]
    outside = [float(score) for *_, score in scores if score and not 36 <= float(score) <= 252]
    expected = {
        (str(int(float(client))), str(int(float(session))))
        for client, session, score in scores
        if score and float(score) not in outside
    }
    result = rows_of(tmp_path / "findings.csv")
    assert len(expected) == 796
    assert {(row["client"], row["session"]) for row in result if row["surprise"]} == expected
    assert len(outside) == 2
    assert [float(row["found"]) for row in rows_of(tmp_path / "findings.bad.csv")] == outside
    assert not {"rupture", "strain"} & {row["state"] for row in result}


def test_a_study_runs_as_written(tmp_path: Path) -> None:
    for block in shell_blocks("how-to/run-a-study.md"):
        run(block.replace("--clients 101", "--clients 24"), tmp_path)  # as written but for the time it takes
    page = (ROOT / "docs" / "how-to" / "run-a-study.md").read_text(encoding="utf-8")
    for name in ("study", "later"):
        files = {str(path.relative_to(tmp_path / name)) for path in (tmp_path / name).rglob("*.*")}
        assert {file for file in files if f"`{file}`" not in page} == set()
    assert 'outcomes = ["left"]' in (tmp_path / "later" / "plan.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", ["tutorials/first-scan.md", "how-to/scan-your-own-file.md", "how-to/run-a-study.md"]
)
def test_a_page_without_commands_would_be_noticed(page: str) -> None:
    assert len(shell_blocks(page)) >= 2


def test_a_hundred_thousand_sessions_are_read_in_any_order(tmp_path: Path) -> None:
    """A tenth of the size that has to fit into a gigabyte; the whole of it is measured by `make bench`."""
    order = np.random.default_rng(1).permutation(100_000)
    lines = [f"c{row // 50},{row % 50},SRS,{row * 7 % 41}" for row in order.tolist()]
    (tmp_path / "ratings.csv").write_text("\n".join(["client,session,instrument,score", *lines]))
    run("accord scan ratings.csv --out findings.csv --quiet", tmp_path)
    rows = rows_of(tmp_path / "findings.csv")
    assert len(rows) == 100_000
    keys = [(row["client"], int(row["session"])) for row in rows]
    assert keys == sorted(keys)
