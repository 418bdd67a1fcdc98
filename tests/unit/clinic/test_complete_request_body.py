"""A body that is shorter than it was said to be never reaches a view as if it were whole."""

from __future__ import annotations

import io

import pytest

from accord.clinic.web.complete_request_body import Body, CutOff, require_complete_bodies

SENT = b"checkin_id=1&item_1=4&item_2=6"


def _read(stream, length):
    result = []

    def application(environ, start_response):
        result.append(environ["wsgi.input"].read())
        return []

    require_complete_bodies(application)({"wsgi.input": stream, "CONTENT_LENGTH": str(length)}, None)
    return result[0]


def test_a_whole_body_is_handed_on_and_nothing_after_it():
    assert _read(io.BytesIO(SENT + b"GET / HTTP/1.1"), len(SENT)) == SENT


@pytest.mark.parametrize("at", [0, 1, SENT.index(b"&item_2"), len(SENT) - 1])
def test_a_body_that_ends_early_is_refused_wherever_it_was_cut(at):
    with pytest.raises(CutOff):
        _read(io.BytesIO(SENT[:at]), len(SENT))


def test_a_body_read_in_pieces_or_lines_is_counted_too():
    body = Body(io.BytesIO(b"one\ntwo\nthr"), 14)
    assert (body.readline(), body.read(4)) == (b"one\n", b"two\n")
    with pytest.raises(CutOff):
        body.read(6)


def test_a_request_without_a_body_stays_as_it_is():
    assert _read(io.BytesIO(b""), 0) == b""
