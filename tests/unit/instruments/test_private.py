"""Forms whose answers are their writer's own stand apart from the catalogue."""

from __future__ import annotations

import pytest

from accord.errors import InputError
from accord.instruments.catalogue import catalogue, private


def test_the_private_form_is_found_by_its_own_door_only():
    assert private("own-reactions").id == "own-reactions"
    assert "own-reactions" not in catalogue()
    with pytest.raises(InputError, match="private form"):
        private("session-checkin")
