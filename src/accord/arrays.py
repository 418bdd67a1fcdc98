"""Names for the types of numpy arrays, the same in every room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Counts = NDArray[np.intp]  # as `np.bincount` and `np.unique` return them
Column = NDArray[np.generic]  # of any type
