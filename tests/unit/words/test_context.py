from __future__ import annotations

import math

import pytest

from accord.records.ratings import Absence, Context, Finding, Hard, State
from accord.words.context import absence_word, context_words, hard_phrase, spoken
from accord.words.findings import describe
from tests.support.courses import ALLIANCE


def _finding(*said, context=Context(), rating=20.0):  # noqa: B008
    return Finding(
        5, None, rating, 30, 28, 32, 2.0, 0.6, State.STRAIN, False, difference=-10.0, said=said,
        context=context,
    )  # fmt: skip


def test_both_sides_are_told_with_how_strongly_in_order_of_strength():
    finding = _finding(
        ("attendance", -0.3), ("clinician", 0.9), ("rating", 2.5), ("form", -0.05), ("urge", 0.2)
    )
    assert spoken(finding) == (
        "Speaks for a rupture: the rating (strongly), the clinician's own rating (clearly), "
        "their urge to stop treatment (a little). Speaks against a rupture: that they came (a little)."
    )


@pytest.mark.parametrize(
    ("times", "word"), [(1.21, "a little"), (1.9, "a little"), (2.1, "clearly"), (5.1, "strongly")]
)
def test_the_words_say_how_many_times_as_likely_it_is_in_a_rupture(times, word):
    assert f"({word})" in spoken(_finding(("rating", math.log(times))))
    assert f"({word})" in spoken(_finding(("rating", -math.log(times))))


def test_what_says_next_to_nothing_is_not_told():
    assert spoken(_finding(("rating", 0.1))) == spoken(_finding()) == ""


def test_the_reason_names_what_stands_beside_the_numbers():
    context = Context(hard=Hard.LIMIT, back_after=3, took_over=True)
    assert describe(_finding(context=context), ALLIANCE) == (
        "10.0 points below their level of 30 (0-40); a contact that was meant to be hard (a limit); "
        "back after an announced break of 3 weeks; among the first contacts after a change of clinician; "
        "about 6 in 10 like this are a rupture, in simulated programmes"
    )
    away = _finding(context=Context(absence=Absence.ANNOUNCED), rating=None)
    assert describe(away, ALLIANCE).startswith("no rating for this session; an absence that was announced")


def test_every_kind_has_its_words():
    assert len({absence_word(kind) for kind in Absence}) == len(Absence)
    assert len({hard_phrase(kind) for kind in Hard}) == len(Hard)
    assert context_words(Context(back_after=1)) == ["back after an announced break of 1 week"]
