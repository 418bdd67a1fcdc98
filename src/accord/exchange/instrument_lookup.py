"""The instruments that a table names: their codes, their bounds and the values of their items."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from accord.errors import message as _
from accord.exchange import csv_cells
from accord.exchange.reading import FindUnknown
from accord.records.ratings import Instrument

LONGEST_ID = 100  # of an instrument, in characters


class InstrumentNames(dict[str, int]):
    """Codes of instrument names in order of appearance, without case; -1 for an unknown name."""

    def __init__(self, instruments: Mapping[str, Instrument], unknown: FindUnknown | None = None) -> None:
        super().__init__()
        self._instruments = {instrument.id.casefold(): instrument for instrument in instruments.values()}
        self._unknown = unknown
        self._codes: dict[str, int] = {}
        self.instruments: list[Instrument] = []

    def __missing__(self, text: str) -> int:
        name = text.strip(" ")
        instrument = self._instruments.get(name.casefold())
        if instrument is None and self._unknown is not None and _can_be_an_id(text):
            instrument = self._unknown(name)
        if instrument is None:
            return -1
        key = instrument.id.casefold()
        if key not in self._codes:
            self._codes[key] = len(self.instruments)
            self.instruments.append(instrument)
        self[text] = self._codes[key]
        return self[text]

    def bounds(self, codes: NDArray[np.int16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest score of each row's instrument; NaN where it is not known."""
        low = np.array([instrument.low for instrument in self.instruments] + [np.nan])
        high = np.array([instrument.high for instrument in self.instruments] + [np.nan])
        return low[codes], high[codes]

    def expected(self) -> str:
        names = ", ".join(sorted(instrument.id for instrument in self._instruments.values()))
        return _(
            "one of %(names)s; another scale needs its range "
            "(--range LOW:HIGH, in Python ranges={NAME: (LOW, HIGH)})",
            names=names or _("the instruments given"),
        )


def _can_be_an_id(text: str) -> bool:
    try:
        return 0 < len(csv_cells.person_id(text)) <= LONGEST_ID
    except csv_cells.BadCellError:
        return False


def wrong_items(instrument: Instrument, items: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether answers (rows, item columns) are no option of the instrument; NaN is never wrong."""
    wrong = ~np.isnan(items)  # cells right of this instrument's last item must be empty
    for item in instrument.items:
        if item.number <= items.shape[1]:
            options = np.array([option.value for option in item.options])
            wrong[:, item.number - 1] &= ~np.isin(items[:, item.number - 1], options)
    return wrong


def fitted(items: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The answers as (rows, `width`), with NaN for items the table has no column for."""
    if items.shape[1] >= width:
        return items[:, :width]
    return np.pad(items, ((0, 0), (0, width - items.shape[1])), constant_values=np.nan)
