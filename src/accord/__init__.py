"""accord: the course of each therapeutic alliance, and the strain in it noticed early."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord.api import scan
    from accord.fitting import fit, hurdle

    __version__: str

__all__ = ["fit", "hurdle", "scan"]
ROOM = {"fit": "accord.fitting", "hurdle": "accord.fitting", "scan": "accord.api"}


def __getattr__(name: str) -> Any:
    # Imported on first use: `import accord` stays fast and pulls in no array library.
    if name == "__version__":
        return import_module("importlib.metadata").version("accord")
    if name in ROOM:
        return getattr(import_module(ROOM[name]), name)
    raise AttributeError(f"module 'accord' has no attribute {name!r}")
