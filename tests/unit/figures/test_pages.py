"""What no page may hold, read from the templates themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import accord

CLINIC = Path(accord.__file__).parent / "clinic"
PAGES = {
    str(page.relative_to(folder)): page
    for folder in CLINIC.rglob("templates")
    for page in folder.rglob("*.html")
}
NAMES = sorted(PAGES)
CLIENTS = ["forms", "sent", "link_problem", "client_base", "parts/before_client", "parts/question",
           "parts/readers", "parts/urgent", "parts/who_reads"]  # fmt: skip
COMPUTED = re.compile(r"\b(level|state|flag|rupture|timeline|spark|probability|surprise)\b", re.IGNORECASE)
ILLNESS = re.compile(r"borderline|\bbpd\b|disorder|diagnos|patient|symptom", re.IGNORECASE)
# No browser runs it: the ids that allauth's own script reads.
DATA = re.compile(r"<script[^>]* type=\"application/json\">\{[^<]*\}</script>")
COLD = re.compile(r"non-?compliant|\bfailed\b|\balert\b", re.IGNORECASE)


def text_of(name: str) -> str:
    return PAGES[name].read_text(encoding="utf-8")


def test_there_are_pages_to_look_at() -> None:
    assert len(PAGES) > 25


@pytest.mark.parametrize("name", NAMES)
def test_a_page_carries_no_style_script_or_address_of_its_own(name: str) -> None:
    text = DATA.sub("", text_of(name))
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text)
    assert all(" src=" in script for script in re.findall(r"<script[^>]*>", text))
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_uses_warm_words(name: str) -> None:
    assert not COLD.search(text_of(name).replace('role="alert"', ""))


@pytest.mark.parametrize("name", CLIENTS)
def test_a_clients_page_shows_nothing_computed_and_names_no_illness(name: str) -> None:
    text = text_of(f"clinic/{name}.html")
    assert not COMPUTED.search(text)
    assert not ILLNESS.search(text)


@pytest.mark.parametrize("name", ["checkin", "forms", "sent", "link_problem"])
def test_every_page_of_a_client_has_a_neutral_title_and_help_at_hand(name: str) -> None:
    text = text_of(f"clinic/{name}.html")
    [title] = re.findall(r"{% block title %}{% translate \"([^\"]*)\" %}", text)
    assert title in {"Check-in", "Your forms"}
    base = text_of("clinic/base.html")  # whose block shows it unless the page has a block of its own
    assert "clinic/parts/urgent.html" in (text if "block identity" in text else base)


def test_the_page_after_leaving_is_dark_in_the_dark() -> None:
    assert '<meta name="color-scheme" content="light dark">' in text_of("clinic/left.html")


def test_before_the_first_question_stands_what_must_be_known() -> None:
    before = text_of("clinic/parts/before_client.html")
    for needed in (
        "who_reads.html",
        "sees only that no answer came",
        "notice strain",
        "numbers.html",
        "duty.html",
    ):
        assert needed in before
    assert "Nobody watches it around the clock." in text_of("clinic/parts/who_reads.html")
    page = text_of("clinic/checkin.html")
    assert page.index("before_client.html") < page.index("question.html")


@pytest.mark.parametrize("name", NAMES)
def test_words_on_a_page_can_be_translated(name: str) -> None:
    kind = r"{% block kind %}.*?{% endblock %}"  # a class of the page's body
    result = rf"{kind}|{{% blocktranslate.*?{{% endblocktranslate %}}|{{%.*?%}}|{{{{.*?}}}}|{{#.*?#}}"
    bare = re.sub(result, "", DATA.sub("", text_of(name)), flags=re.DOTALL)
    bare = re.sub(r"<(pre|code).*?</\1>|<!doctype html>|<[^>]*>", "", bare, flags=re.DOTALL)
    assert not re.search(r"[A-Za-z]{2,}", bare), f"words without translation: {bare.split()}"
