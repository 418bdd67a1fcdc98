"""Records that the science reads and returns: frozen, with no behaviour beyond their own consistency.

Rows come in two shapes. A `Course` holds one relationship as a person would list it; `Ratings` and
`Findings` hold a whole file as columns, because a million small objects do not fit a small machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_DAY = -(2**31)  # in day columns: the date is not known


class Construct(StrEnum):
    """What an instrument measures. Strain and rupture are said of alliance only."""

    ALLIANCE = "alliance"
    OUTCOME = "outcome"
    OTHER = "other"


class Rater(StrEnum):
    CLIENT = "client"
    CLINICIAN = "clinician"
    OBSERVER = "observer"
    SYSTEM = "system"


RATERS = tuple(Rater)  # rater codes in columns are positions in this tuple


class State(StrEnum):
    """What one session of a relationship looks like, by the numbers alone."""

    RUPTURE = "rupture"
    BACK = "back"
    NO_RATING = "no_rating"
    TOO_EARLY = "too_early"
    CANNOT_SAY = "cannot_say"
    STRAIN = "strain"
    STEADY = "steady"
    WORSE = "worse"  # `rupture` of anything that is not an alliance
    DIP = "dip"  # `strain` of anything that is not an alliance


# What may come beside the followed rating: the client's probe and urge to stop treatment, attendance, a form
# left empty, and the clinician's rating of the same relationship.
CHANNELS = ("probe", "attendance", "form", "urge", "clinician")

EVIDENCE = ("rating", *CHANNELS)  # codes of `strongest` are positions in this tuple
STATES = tuple(State)  # state codes in columns are positions in this tuple


class Ships(StrEnum):
    """What the licence of an instrument lets this program carry."""

    WORDING = "wording"  # the project's own words
    STRUCTURE = "structure"  # items and key, no wording
    TOTAL = "total"  # a total score only


class Scoring(StrEnum):
    SUM = "sum"
    MEAN = "mean"
    TOTAL = "total"  # comes as a total; no items


@dataclass(frozen=True, slots=True)
class Option:
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `about` is the project's own neutral name; `wording` only where the project wrote it."""

    number: int
    about: str
    options: tuple[Option, ...]
    wording: str = ""
    reversed: bool = False
    safety: bool = False
    asked_if: int | None = None  # number of an earlier item; asked when that answer is above 0


@dataclass(frozen=True, slots=True)
class Subscale:
    name: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A published band: values up to and including `up_to` carry this label."""

    up_to: float
    label: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """Published reliability; a prior only (`checked` False) until the primary source was read."""

    alpha: float | None = None
    retest: float | None = None
    sd: float | None = None
    checked: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of one form. `low` and `high` bound its score, in the score's own units."""

    id: str
    version: str
    name: str
    construct: Construct
    low: float
    high: float
    raters: tuple[Rater, ...] = RATERS
    lower_is_better: bool = False
    scoring: Scoring = Scoring.TOTAL
    items: tuple[Item, ...] = ()
    scored: tuple[int, ...] = ()  # numbers of the items in the score
    subscales: tuple[Subscale, ...] = ()
    min_answered: float = 1.0  # share of the scored items that must be answered
    bands: tuple[Band, ...] = ()
    bands_source: str = ""
    reliability: Reliability = field(default_factory=Reliability)
    validated: bool = True
    ships: Ships = Ships.TOTAL
    licence: str = ""
    citation: str = ""

    @property
    def safety_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.safety)


class Absence(StrEnum):
    """Why a contact did not take place, where that says nothing of strain."""

    ANNOUNCED = "announced"
    CANCELLED = "cancelled"  # by the client, beforehand
    BY_CLINICIAN = "by_clinician"  # missed or cancelled by the clinician


class Hard(StrEnum):
    """What a contact that was meant to be hard was for."""

    CHAIN_ANALYSIS = "chain_analysis"
    LIMIT = "limit"
    EXPOSURE = "exposure"
    ENDING = "ending"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Contact:
    """One scheduled meeting of a relationship. `came`: False where the client missed it, None: unknown."""

    session: int
    day: date | None = None
    came: bool | None = None
    absence: Absence | None = None
    hard: Hard | None = None  # either side said that it was meant to be hard


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader must know beside the numbers of one session. None of it is evidence of strain."""

    hard: Hard | None = None
    absence: Absence | None = None
    back_after: int | None = None  # weeks of an announced break before this session
    took_over: bool = False  # among the first sessions with a clinician who took over from another


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One filled form about one contact from one rater; `score` None where it was not filled."""

    session: int
    day: date | None
    rater: Rater
    instrument: str
    score: float | None
    answers: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """One relationship: everything known about a client with one clinician, oldest first."""

    client: str
    clinician: str
    instrument: Instrument  # the series that is followed
    checkins: tuple[CheckIn, ...]
    rater: Rater = Rater.CLIENT
    contacts: tuple[Contact, ...] = ()
    others: tuple[Instrument, ...] = ()  # of the check-ins that are not the followed series
    took_over: bool = False  # the clinician took over from another


@dataclass(frozen=True, slots=True)
class Finding:
    """What the numbers say about one session. Values in the instrument's own units; None is "not known"."""

    session: int
    day: date | None
    rating: float | None
    level: float | None
    level_low: float | None
    level_high: float | None
    surprise: float | None
    p_rupture: float | None
    state: State
    low_start: bool
    difference: float | None = None  # rating minus the level expected before it
    also: tuple[str, ...] = ()  # channels besides the rating that speak for a rupture
    said: tuple[tuple[str, float], ...] = ()  # log likelihood ratio of rupture by channel
    strongest: str = "rating"  # what speaks loudest for a rupture, of EVIDENCE
    context: Context = Context()


@dataclass(frozen=True, slots=True)
class Assessment:
    """Findings of one relationship, and the state from which the next check-in goes on."""

    findings: tuple[Finding, ...]
    as_of: date
    method_version: str
    state: Mapping[str, Any]  # plain numbers, JSON-ready


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """A file of ratings as columns of equal length. Codes are positions in the tuples beside them."""

    clients: tuple[str, ...]
    clinicians: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    session: NDArray[np.int32]
    day: NDArray[np.int32]  # days since 1970-01-01, NO_DAY where not given
    rater: NDArray[np.int8]
    instrument: NDArray[np.int16]
    score: NDArray[np.float64]  # NaN: the form was not filled
    line: NDArray[np.int64]  # line of the file, the header being 1
    items: NDArray[np.float64] | None = None  # (rows, items), NaN where not answered

    def __len__(self) -> int:
        return len(self.client)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Findings of many relationships as columns, ordered by client, clinician and session."""

    instrument: Instrument
    clients: tuple[str, ...]
    clinicians: tuple[str, ...]
    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    session: NDArray[np.int32]
    day: NDArray[np.int32]
    rating: NDArray[np.float64]
    level: NDArray[np.float64]
    level_low: NDArray[np.float64]
    level_high: NDArray[np.float64]
    surprise: NDArray[np.float64]
    p_rupture: NDArray[np.float64]
    state: NDArray[np.int8]
    low_start: NDArray[np.bool_]
    difference: NDArray[np.float64]
    also: NDArray[np.int8]  # bits: CHANNELS besides the rating that speak for a rupture
    strongest: NDArray[np.int8]  # what speaks loudest for a rupture, a position in EVIDENCE
    method_version: str

    def __len__(self) -> int:
        return len(self.client)
