"""Episodes and events written and read back are the same, in whatever order the rows stand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import InputError
from accord.exchange.csv_cells import FORMULA_STARTERS
from accord.exchange.episodes_csv import read_episodes, write_episodes
from accord.exchange.events_csv import read_events, write_events
from accord.records.care import END_REASONS, EndReason, EpisodeTable, EventTable
from accord.records.ratings import NO_DAY

ONGOING = END_REASONS.index(EndReason.ONGOING)
IDS = st.text(min_size=1, max_size=6).filter(
    lambda t: t.isprintable() and t == t.strip(" ") and not t.startswith(FORMULA_STARTERS)
)
KINDS = st.sampled_from(["self-injury", "attempt", "skill", "contact-missed", "über-2", "b"])


def _columns(rows: Sequence[tuple[int, ...]]) -> list[Any]:
    return list(np.array(rows, dtype=np.int32).T)


@st.composite
def episodes(draw: st.DrawFn) -> EpisodeTable:
    """Clients with one treatment after another; the last one may go on."""
    clients = sorted(draw(st.sets(IDS, min_size=1, max_size=4)))
    arms = sorted(draw(st.sets(IDS, min_size=1, max_size=3)))
    rows = []
    for client in range(len(clients)):
        day = draw(st.integers(0, 20_000))
        stays = draw(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 400)), min_size=1, max_size=3))
        for place, (long, pause) in enumerate(stays):
            reason = draw(st.integers(1, len(END_REASONS) - 1))
            goes_on = place == len(stays) - 1 and draw(st.booleans())
            result = (NO_DAY, ONGOING) if goes_on else (day + long, reason)
            rows.append((client, day, *result, draw(st.integers(0, len(arms) - 1))))
            day += long + pause
    client, start, end, reason, arm = _columns(draw(st.permutations(rows)))
    line = np.arange(2, len(rows) + 2)
    return EpisodeTable(
        tuple(clients), tuple(arms), client, start, end, reason.astype(np.int8), arm.astype(np.int16), line
    )


@st.composite
def events(draw: st.DrawFn) -> EventTable:
    clients = sorted(draw(st.sets(IDS, min_size=1, max_size=4)))
    kinds = sorted(draw(st.sets(KINDS, min_size=1)))
    key = st.tuples(
        st.integers(0, len(clients) - 1), st.integers(-9_000, 40_000), st.integers(0, len(kinds) - 1)
    )
    keys = draw(st.lists(key, unique=True, min_size=1, max_size=25))
    client, day, kind = _columns(keys)
    count = np.array([draw(st.integers(0, 2**31 - 1)) for _ in keys], dtype=np.int32)
    return EventTable(
        tuple(clients), tuple(kinds), client, day, kind.astype(np.int16), count, np.arange(2, len(keys) + 2)
    )


def _told(table: EpisodeTable | EventTable) -> list[tuple[object, ...]]:
    """The rows with names for codes, as the file has them."""
    names = {"client": table.clients, "arm": getattr(table, "arms", ()), "kind": getattr(table, "kinds", ())}
    columns = []
    for name in type(table).__dataclass_fields__:
        values = getattr(table, name)
        if isinstance(values, np.ndarray):
            columns.append([names[name][code] for code in values] if name in names else values.tolist())
    return list(zip(*columns, strict=True))


def _back(table: Any, write: Callable[..., None], read: Callable[..., Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "table.csv", table)
        return read(Path(folder) / "table.csv").table


@given(episodes())
def test_episodes_written_read_back_the_same(table: EpisodeTable) -> None:
    assert _told(_back(table, write_episodes, read_episodes)) == _told(table)


@given(events())
def test_events_written_read_back_the_same(table: EventTable) -> None:
    assert _told(_back(table, write_events, read_events)) == _told(table)


CELLS = st.sampled_from(
    ["", "A", "=A", "2025-01-01", "2025-13-01", "left", "ongoing", "attempt", "1", "-1", '"', "\r", "1,2"]
) | st.text(max_size=4)  # fmt: skip
LINES = st.lists(st.lists(CELLS, max_size=6).map(",".join), max_size=12)


@given(LINES, st.booleans())
def test_any_text_is_read_or_refused_with_an_input_error_only(lines: list[str], skip_bad: bool) -> None:
    tables: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("client,start,end,end_reason,arm\nZ,2025-01-01,,ongoing,", read_episodes),
        ("client,date,kind,count\nZ,2025-01-01,attempt,1", read_events),
    )
    for good, read in tables:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            path.write_bytes("\n".join([good, *lines]).encode("utf-8", errors="surrogatepass"))
            try:
                reading = read(path, skip_bad=skip_bad)
            except InputError:
                continue
        taken = set(reading.table.line.tolist())
        assert taken.isdisjoint(cell.row for cell in reading.bad)
        assert 2 in taken or any(cell.row == 2 for cell in reading.bad)
