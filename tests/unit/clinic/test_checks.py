"""A site of real use refuses to start while a promise of its pages would be false."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core import checks

from accord.clinic.environment import read
from accord.clinic.site.system_checks import problems, retired_settings

KEY = "Zk3jd8sLq0wPx7vN2mB5cR9tY4uI6oA1eFhGjKzXyWqVbTnMlC"
READY = read(
    {
        "ACCORD_USE": "real",
        "ACCORD_URL": "https://accord.example",
        "ACCORD_CRISIS_NUMBERS": "Emergency: 112",
    },
    (3, 40, 1),
)


def _ids(site, key=KEY):
    return [problem.id for problem in problems(site, key)]


def test_a_site_with_everything_set_starts():
    assert _ids(READY) == []


@pytest.mark.parametrize(
    ("change", "id"),
    [
        ({"debug": True}, "accord.E002"),
        ({"crisis_numbers": ()}, "accord.E003"),
        ({"url": "http://accord.example"}, "accord.E005"),
        ({"url": "http://10.0.0.5:8000"}, "accord.E005"),
    ],
)
def test_each_missing_promise_is_refused_in_real_use_and_not_in_a_demonstration(change, id):
    assert _ids(replace(READY, **change)) == [id]
    assert _ids(replace(READY, **change, use="demo")) == []


@pytest.mark.parametrize("key", ["", "no key is set", "short", "a" * 60, "django-insecure-" + KEY])
def test_a_missing_or_weak_key_is_refused_in_real_use_and_in_a_demonstration(key):
    for use in ("real", "demo"):
        assert _ids(replace(READY, use=use), key) == ["accord.E001"]


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:9000"])
def test_plain_http_is_taken_on_the_own_machine(url):
    assert _ids(replace(READY, url=url)) == []


def test_every_refusal_says_what_to_set():
    bare = replace(READY, debug=True, crisis_numbers=(), url="http://accord.example")
    result = problems(bare, "")
    assert len(result) == 4
    assert all("ACCORD_" in problem.hint for problem in result)


def test_a_setting_of_an_earlier_version_is_answered_with_what_has_taken_its_place_and_stops_nothing():
    left = read(
        {"ACCORD_CRISIS_NUMBERS": "Emergency: 112", "ACCORD_ON_DUTY": "Dr Lind until 18:00"}, (3, 40, 1)
    )
    [answer] = retired_settings(left)
    assert (answer.id, answer.level < checks.ERROR) == ("accord.W001", True)
    assert "Duty rota" in answer.msg
    assert "ACCORD_ON_DUTY" in answer.hint
    assert list(retired_settings(READY)) == []
