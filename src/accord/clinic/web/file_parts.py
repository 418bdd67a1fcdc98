"""Files are taken where a page asks for one, from somebody who is signed in, and up to the limit.

Everything else that comes as a file is dropped.

A form is read before anybody looks at who sent it. Without this, every address would write whatever is sent
to the disk first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.urls import URLPattern, get_resolver, reverse

View = TypeVar("View", bound=Callable[..., Any])
MARK = "takes_a_file"


def takes_a_file(view: View) -> View:
    """Mark a view as one to whose address a file may be sent."""
    setattr(view, MARK, True)
    return view


def addresses() -> Iterator[str]:
    """Every address to which a file may be sent."""
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern) and getattr(pattern.callback, MARK, False):
            yield reverse(str(pattern.name))


class OnlyWhereAskedFor(FileUploadHandler):
    """The first of the handlers: what it drops, no other one sees."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self._is_asked_for():
            raise SkipFile
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk, or None past the limit: then the file is larger than allowed, and its form says so."""
        return raw_data if start <= settings.IMPORT_LIMIT else None

    def file_complete(self, file_size: int) -> None:
        return None

    def _is_asked_for(self) -> bool:
        match = getattr(self.request, "resolver_match", None)
        user = getattr(self.request, "user", None)
        return bool(match and getattr(match.func, MARK, False) and user is not None and user.is_authenticated)
