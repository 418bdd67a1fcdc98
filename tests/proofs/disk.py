"""A disk in memory that can lose its power, as a file system for SQLite through APSW.

Every file has what is safe on the platter, and what was written since its last synchronisation. When the
power goes, of the unsynchronised writes some arrived and some did not, in any combination, and the last of
them may be torn at a sector. A name that was made or removed is safe once the folder is synchronised: as
in SQLite's own Unix layer, that is done with the first synchronisation of a new journal, and after a
removal only when SQLite asks for it (`synchronous=EXTRA` does, `FULL` does not).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512  # bytes that a disk writes whole or not at all
NAME = "losing-power"


class PowerCut(Exception):
    """The power went. Nothing after this reached the disk."""


@dataclass
class Held:
    """One file. `safe`: on the platter; `now`: as a running program reads it; `waiting`: in between."""

    safe: bytearray = field(default_factory=bytearray)
    now: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: cut to that length
    name_is_safe: bool = False

    def write(self, at: int, data: bytes | None) -> None:
        _apply(self.now, at, data)
        self.waiting.append((at, data))

    def synchronise(self) -> None:
        self.safe = bytearray(self.now)
        self.waiting.clear()

    def after_a_cut(self, chance: random.Random, arrives: float) -> Held:
        """What is found when the power is back; each waiting write arrived with this probability."""
        result = bytearray(self.safe)
        for at, data in self.waiting:
            if data is None:
                if chance.random() < arrives:
                    _apply(result, at, None)
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < arrives:
                    _apply(result, at + start, data[start : start + SECTOR])
        return Held(result, bytearray(result), [], name_is_safe=True)


def _apply(content: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del content[at:]
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


class Disk:
    """All files, and a count of what may still happen before the power goes."""

    def __init__(self) -> None:
        self.files: dict[str, Held] = {}
        self.removed: dict[str, Held] = {}  # names whose removal is not yet safe
        self.steps = 0
        self.cut_at: int | None = None

    def has_power(self) -> bool:
        """Asked before each change. Raises `PowerCut` at its moment; afterwards nothing changes any more."""
        self.steps += 1
        if self.steps == self.cut_at:
            raise PowerCut
        return not self.is_off

    @property
    def is_off(self) -> bool:
        return self.cut_at is not None and self.steps >= self.cut_at

    def synchronise(self, held: Held) -> None:
        held.synchronise()
        if not held.name_is_safe:
            self.synchronise_folder()

    def synchronise_folder(self) -> None:
        self.removed.clear()
        for held in self.files.values():
            held.name_is_safe = True

    def remove(self, name: str, *, safely: bool) -> None:
        held = self.files.pop(name)
        if held.name_is_safe:
            self.removed[name] = held
        if safely:
            self.synchronise_folder()

    def after_a_cut(self, chance: random.Random) -> Disk:
        """The disk as it is found: how much of what was on its way arrived differs from cut to cut."""
        arrives = chance.choice((0.0, 0.5, 1.0, chance.random()))
        result = Disk()
        for name, held in self.removed.items():
            if name not in self.files and chance.random() >= arrives:
                result.files[name] = held.after_a_cut(chance, arrives)
        for name, held in self.files.items():
            if held.name_is_safe or chance.random() < arrives:
                result.files[name] = held.after_a_cut(chance, arrives)
        return result


class FileSystem(apsw.VFS):
    """SQLite's way to the disk that is `current`."""

    def __init__(self) -> None:
        self.current = Disk()
        super().__init__(NAME, base="")

    def excepthook(self, *values: object) -> bool:
        """A cut that SQLite met where it reports no errors; `Disk.is_off` tells."""
        return True

    def xFullPathname(self, name: str) -> str:  # noqa: N802 (SQLite's names)
        return name

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        flags[1] = flags[0]
        if path is None:
            return OpenFile(self.current, Held())
        if path not in self.current.files and self.current.has_power():
            self.current.files[path] = Held()
        return OpenFile(self.current, self.current.files.get(path, Held()))

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        if name not in self.current.files:
            raise apsw.IOError("no such file")
        if self.current.has_power():
            self.current.remove(name, safely=syncdir)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802
        return name in self.current.files


class OpenFile:
    """One open file. Locks are granted: a cut has one process."""

    def __init__(self, disk: Disk, held: Held) -> None:
        self.disk, self.held = disk, held

    def excepthook(self, *values: object) -> None:
        """As for the file system."""

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self.held.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self.disk.has_power():
            self.held.write(offset, bytes(data))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        if self.disk.has_power():
            self.held.write(size, None)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self.disk.has_power():
            self.disk.synchronise(self.held)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self.held.now)

    def xLock(self, level: int) -> None:  # noqa: N802
        """Granted."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """Granted."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        # As SQLite's own Unix layer says: a write leaves the bytes beside it alone.
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:  # noqa: N802
        """Nothing is kept for a closed file."""
