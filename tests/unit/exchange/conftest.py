"""Ratings files for the reader's tests, written from their rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accord.errors import InputError
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.reading import Reading
from accord.instruments.catalogue import catalogue
from accord.science.scoring import score_columns

HEADER = "client,clinician,session,date,rater,instrument,score"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write rows under the usual header, or under another one."""

    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "ratings.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode())
        return path

    return write


@pytest.fixture
def read(file: Callable[..., Path]) -> Callable[..., Reading]:
    def read_rows(*rows: str, header: str = HEADER, skip_bad: bool = False) -> Reading:
        path = file(*rows, header=header)
        return read_ratings(path, instruments=catalogue(), skip_bad=skip_bad, score=score_columns)

    return read_rows


@pytest.fixture
def refused(read: Callable[..., Reading]) -> Callable[..., InputError]:
    """The error by which these rows are refused."""

    def refused_rows(*rows: str, header: str = HEADER) -> InputError:
        with pytest.raises(InputError) as error:
            read(*rows, header=header)
        return error.value

    return refused_rows
