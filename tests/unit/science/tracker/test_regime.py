from __future__ import annotations

import numpy as np
import pytest

from accord.science.tracker.regime import MODES, after_sessions, drawn_after
from tests.support.courses import population

DRAWS = 200_000


@pytest.mark.parametrize("start", range(MODES))
@pytest.mark.parametrize("sessions", [1, 2, 7])
def test_drawn_modes_have_the_chances_that_the_closed_form_gives(start, sessions):
    known = np.zeros((MODES, 1))
    known[start] = 1.0
    expected = after_sessions(known, np.array([float(sessions)]), population())[:, 0]
    rng = np.random.default_rng(start)
    drawn = drawn_after(np.full(DRAWS, start), np.full(DRAWS, float(sessions)), population(), rng)
    # Four standard errors of a share of one half.
    assert np.bincount(drawn, minlength=MODES) / DRAWS == pytest.approx(expected, abs=0.0045)


def test_the_closed_form_is_the_chain_one_session_at_a_time():
    values = population()
    step = np.zeros((MODES, MODES))  # [to, from]
    step[0] = [1 - values.onset, *[values.exit] * (MODES - 1)]
    step[1:, 0] = values.onset / (MODES - 1)
    step[1:, 1:] = np.eye(MODES - 1) * (1 - values.exit)
    modes = np.full((MODES, 1), 1 / MODES)
    for sessions in range(6):
        chained = np.linalg.matrix_power(step, sessions) @ modes
        np.testing.assert_allclose(
            after_sessions(modes, np.array([float(sessions)]), values), chained, atol=1e-12
        )
