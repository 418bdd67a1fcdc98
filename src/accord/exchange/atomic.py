"""Atomic writing: files and folders are written beside their place and renamed into it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO, TextIO

from accord.errors import InputError


@contextmanager
def replacing(path: str | Path) -> Iterator[TextIO]:
    """Open a text file (UTF-8, line ends as written) that takes the place of `path` when the block ends well.

    On any error inside the block nothing is left behind and an older file stays as it was. Raises
    InputError where the place cannot be written.
    """
    with replacing_bytes(path) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()


@contextmanager
def replacing_bytes(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file of bytes that takes the place of `path`, as `replacing` does."""
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{place.name[:80]}.{secrets.token_hex(6)}.part")
    handle = _create(beside, place)
    try:
        with handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(place)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _settle(place.parent)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Make a new folder that gets the name `path`, with its contents, when the block ends well.

    Raises InputError where `path` is there and not an empty folder. On any error nothing is left behind.
    """
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{place.name[:80]}.{secrets.token_hex(6)}.part")
    _make_folder(beside, place)
    try:
        yield beside
        for file in sorted(beside.rglob("*")):
            _to_disk(file)
        beside.replace(place)  # takes the place of an empty folder, and fails where it is not empty by now
    except BaseException:
        rmtree(beside, ignore_errors=True)
        raise
    _settle(place.parent)


def _make_folder(beside: Path, place: Path) -> None:
    expected = "the name of a new folder"
    if place.exists() and not place.is_dir():
        raise InputError(expected, file=str(place), found="a file")
    if place.is_dir() and any(place.iterdir()):
        raise InputError(expected, file=str(place), found="a folder that is not empty")
    try:
        beside.mkdir()
    except FileNotFoundError:
        raise InputError("a folder that exists", file=str(place.parent), found="no such folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("a place that can be written", file=str(place), found=f"“{reason}”") from None


def refuse_unwritable_folder(path: str | Path) -> None:
    """Raise InputError before long work rather than after it if there can be no new folder `path`."""
    with suppress(_OnlyTryingError), replacing_folder(path):
        raise _OnlyTryingError


def refuse_unwritable(path: str | Path) -> None:
    """Raise InputError before long work rather than after it if `path` cannot be written."""
    with suppress(_OnlyTryingError), replacing(path):
        raise _OnlyTryingError


class _OnlyTryingError(Exception):
    pass


def _create(beside: Path, place: Path) -> BinaryIO:
    if place.exists() and not place.is_file():
        raise InputError("the name of a file to write", file=str(place), found="a folder or a device")
    try:
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o666
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileNotFoundError:
        raise InputError("a folder that exists", file=str(place), found="no such folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("a place that can be written", file=str(place), found=f"“{reason}”") from None
    return os.fdopen(descriptor, "wb")


def _settle(folder: Path) -> None:
    """Make the renaming itself outlast a power cut, where the system can."""
    with suppress(OSError):
        _to_disk(folder)


def _to_disk(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
