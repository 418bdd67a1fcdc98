"""Takes guards away in turn, and says which removal the access tables would not have noticed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from math import ceil
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tests.access.cells import Door
    from tests.access.guards import Guard
    from tests.access.widenings import Widening

T = TypeVar("T")
Reach = dict[tuple[str, str], list[str]]  # file and function -> the pages that run through it


def reach(door: Door) -> Reach:
    """Which pages run which function: tried as those who get through."""
    from tests.access import tables

    found: Reach = {}
    for page in tables.pages().values():
        for key in _run_through(door, page):
            found.setdefault(key, []).append(page.key)
    return found


def _run_through(door: Door, page: Any) -> set[tuple[str, str]]:
    from tests.access.cells import taken_back

    with _noting() as seen:
        for cell in door.cells(page):
            if not cell.is_refused or cell.who.name in ("lind", "lead"):
                with taken_back():
                    door.answer(cell)
    return seen


def reach_of_calls(door: Door, names: Iterable[str] | None = None) -> Reach:
    """Which of the calls run which function."""
    from tests.access import calls

    found: Reach = {}
    for name in calls.CALLS if names is None else names:
        with _noting() as seen:
            list(calls.complaints(door.world, door.people, [name]))
        for key in seen:
            found.setdefault(key, []).append(name)
    return found


@contextmanager
def _noting() -> Iterator[set[tuple[str, str]]]:
    seen: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def unnoticed(door: Door, guards: Iterable[Guard], by_page: Reach, by_call: Reach) -> Iterator[Guard]:
    """The guards without which every cell still is as the tables say, in the whole matrix."""
    import importlib

    from tests.access.guards import without

    for guard in guards:
        key = (str(importlib.import_module(guard.module).__file__), guard.function)
        door.opened.clear()
        with without(guard):
            if not any(_seen(door, guard, by_page.get(key, []), by_call.get(key, []))):
                yield guard


def _seen(door: Door, guard: Guard, through: list[str], called: list[str]) -> Iterator[bool]:
    """Whether something complains, the quickest first: calls, actions, the everyday walk, the whole one."""
    from tests.access import acts, calls, tables

    yield bool(next(calls.complaints(door.world, door.people, called), None))
    if guard.module.startswith("accord.clinic.policy."):
        yield bool(next(acts.complaints(door.world, door.people), None))
    pages = [page for key, page in tables.pages().items() if key in through]
    for whole in (False, True):
        for page in pages:
            yield bool(next(door.complaints(page, whole), None))


def unnoticed_cells(door: Door, widenings: Iterable[Widening]) -> Iterator[Widening]:
    from accord.clinic.policy import Action
    from tests.access import acts
    from tests.access.widenings import widened

    for one in widenings:
        only = [one.row] if isinstance(one.row, Action) else list(Action)
        with widened(one):
            if not next(acts.complaints(door.world, door.people, only), None):
                yield one


def _by_itself(door: Door) -> Iterator[str]:
    """What the tables complain of while every guard is in its place: nothing."""
    from tests.access import acts, calls, tables

    for page in tables.pages().values():
        yield from door.complaints(page, whole=False)
    yield from acts.complaints(door.world, door.people)
    yield from calls.complaints(door.world, door.people)


def spread(every: list[T], n: int) -> list[T]:
    """`n` of them, or all, evenly."""
    step = max(1, len(every) / max(1, n))
    return [every[int(at * step)] for at in range(min(n, len(every)))]


def report(n: int, only: str = "") -> int:
    """Tries `n` of the guards in modules whose name holds `only`, prints each that nobody missed, and returns
    1 if there is one."""
    from tests.access.cells import Door, quiet, taken_back
    from tests.access.guards import guards
    from tests.access.widenings import widenings

    began = time.monotonic()
    code = [guard for guard in guards() if only in guard.module]
    cells = [] if only else widenings()
    share = n / (len(code) + len(cells))
    code, cells = spread(code, ceil(share * len(code))), spread(cells, ceil(share * len(cells)))
    with taken_back(), quiet():
        door = Door()
        bad: list[object] = []
        tried_of = (unnoticed(door, code, reach(door), reach_of_calls(door)), unnoticed_cells(door, cells))
        for one in chain(*tried_of):
            bad.append(one)
            print(f"not missed: {one}", flush=True)
        # A walk that complains with every guard in its place would see whatever is taken away.
        bad += [f"by itself: {one}" for one in _by_itself(door)]
    for complaint in [one for one in bad if isinstance(one, str)]:
        print(complaint)
    tried = len(code) + len(cells)
    told = f"{len(code)} in code, {len(cells)} cells of the tables, {time.monotonic() - began:.0f} s"
    print(f"guards: {len(bad)} of {tried} removed guards survived ({told}); bound {3 / tried:.2%}")
    return bool(bad)
