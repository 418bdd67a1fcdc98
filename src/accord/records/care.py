"""Records of a treatment as columns: episodes of care, and dated events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class EndReason(StrEnum):
    """How an episode of care ended. Only `left` is leaving early; what the team decided is coded apart."""

    ONGOING = "ongoing"
    COMPLETED = "completed"
    LEFT = "left"
    AGREED = "agreed"  # ended early, agreed on by both
    TRANSFER = "transfer"
    HOSPITAL = "hospital"
    DISCHARGED = "discharged"  # by the team
    DIED = "died"


END_REASONS = tuple(EndReason)  # codes in columns are positions in this tuple
EVENT_KINDS = ("self-injury", "attempt", "skill", "contact-missed")  # a site may have words of its own


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeTable:
    """Episodes of care as columns of equal length, those of one client one after another without overlap."""

    clients: tuple[str, ...]
    arms: tuple[str, ...]
    client: NDArray[np.int32]  # positions in `clients`
    start: NDArray[np.int32]  # days since 1970-01-01
    end: NDArray[np.int32]  # the last attended contact; records.NO_DAY only where the episode is ongoing
    end_reason: NDArray[np.int8]  # positions in END_REASONS
    arm: NDArray[np.int16]
    line: NDArray[np.int64]  # line of the file, the header being 1

    def __len__(self) -> int:
        return len(self.client)


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """Dated events as columns of equal length; at most one row for a client, day and kind."""

    clients: tuple[str, ...]
    kinds: tuple[str, ...]
    client: NDArray[np.int32]  # positions in `clients`
    day: NDArray[np.int32]  # days since 1970-01-01
    kind: NDArray[np.int16]
    count: NDArray[np.int32]  # 0: asked for, and none
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.client)
