"""Every word on a page can be translated: a pseudo-locale marks each message, and nothing else is left."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

import accord
from accord.clinic.clinician.reactions.queries import instrument as own_reactions
from accord.clinic.models import Account, DutyShift, Group, ImportBatch, Organisation, Person, Team
from accord.instruments.catalogue import catalogue
from tests.access import tables
from tests.access.cells import Cell, Door, quiet, taken_back, text_of
from tests.access.records import FILE
from tests.access.sending import REASON
from tests.support import pseudo_locale

pytestmark = pytest.mark.django_db
PAGES = tables.pages()
BRAND = {"accord"}
OWN_SCALE = "sessions"  # the instrument of the uploaded file
SECRET = re.compile(r"\b[A-Z2-7]{32}\b")  # of an authenticator app
OWN_WORDS = re.compile(
    r"CANARY (line|reaction)[\w ]*|CANARY row of [\w-]*|CANARY .* must know"
)  # what people of the programme wrote


@pytest.fixture(scope="module")
def door(django_db_setup, django_db_blocker):
    """One programme for all these tests: what they do in it is rolled back."""
    with django_db_blocker.unblock(), taken_back():
        yield Door()


def data_shown(door: Door) -> set[str]:
    """Names, codes, texts of instruments and words that people of the programme wrote."""
    names = {value for model in (Person, Team, Group, Organisation) for value in _column(model, "name")}
    codes = {*_column(Person, "code"), *_column(Account, "email"), *_column(ImportBatch, "filename")}
    shifts = {*_column(DutyShift, "name"), *_column(DutyShift, "zone")}
    instruments = {instrument.name for instrument in catalogue().values()}
    codes |= set(FILE.decode().splitlines()[1].split(","))  # of a file whose people are not known yet
    return names | codes | shifts | instruments | BRAND | {REASON, "Key 1", OWN_SCALE}


def _column(model, name: str) -> Iterator[str]:
    yield from model._default_manager.values_list(name, flat=True)


def answers(door: Door, page: tables.Page) -> Iterator[tuple[str, str]]:
    """A page as a client and as staff get it, the answer to what they send, and to an empty form."""
    for cell in _few(door, page):
        with taken_back():
            yield str(cell), text_of(door.answer(cell))
        if cell.method == "POST":
            with taken_back():
                yield f"{cell}, empty", text_of(_send_nothing(door, cell))


def _few(door: Door, page: tables.Page) -> list[Cell]:
    """For each method the first client and the first member of staff for whom the page opens."""
    first: dict[tuple[str, bool], Cell] = {}
    for cell in door.cells(page, whole=True):
        if cell.method in ("GET", "POST") and not cell.is_refused:
            person = getattr(door.world, cell.who.name, None)
            first.setdefault((cell.method, isinstance(person, Person) and person.is_client), cell)
    return list(first.values())


def _send_nothing(door: Door, cell: Cell):
    return door._browser(cell.who.name).post(door.address(cell), {})


def complaints(answer: str, data: set[str]) -> list[str]:
    """Lines of an HTML answer with a word outside of every message."""
    headers, _, body = answer.partition("\n\n")
    if "text/html" not in headers:
        return []
    shown = pseudo_locale.shown_text(body)
    for pattern in (OWN_WORDS, SECRET):
        shown = pattern.sub(" ", shown)
    return pseudo_locale.unmarked(shown, data)


@pytest.fixture(scope="module")
def walk(door) -> tuple[dict[str, dict[str, str]], set[str]]:
    """Words that no translator sees, by page, with who got them; and the messages the pages asked for."""
    data, lines = data_shown(door), {}
    with quiet(), pseudo_locale.marking() as asked:
        for page in PAGES.values():
            given = answers(door, page)
            lines[page.key] = {line: who for who, answer in given for line in complaints(answer, data)}
    return lines, asked


def test_no_page_and_no_error_has_a_word_that_no_translator_sees(walk):
    lines, _ = walk
    assert set(lines) == set(PAGES)
    assert {page: words for page, words in lines.items() if words} == {}


@pytest.fixture(scope="module")
def catalogue_keys(tmp_path_factory) -> set[str]:
    """The messages that `makemessages` extracts from the source."""
    source = tmp_path_factory.mktemp("messages") / "accord"
    ignored = shutil.ignore_patterns("__pycache__", "migrations", "static")
    shutil.copytree(Path(accord.__file__).parent, source, ignore=ignored)
    (source / "locale").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(source)
        patch.setattr(settings, "LOCALE_PATHS", [str(source / "locale")])
        call_command("makemessages", locale=["de"], verbosity=0, no_location=True, no_wrap=True)
    return pseudo_locale.keys_of((source / "locale/de/LC_MESSAGES/django.po").read_text(encoding="utf-8"))


def test_makemessages_finds_every_message_that_a_page_asks_for(walk, catalogue_keys):
    _, asked = walk
    by_others = {key for path in pseudo_locale.catalogues_of_others() for key in pseudo_locale.keys_of(path)}
    instruments = [*catalogue().values(), own_reactions()]
    items = {text for instrument in instruments for text in pseudo_locale.texts_of(instrument)}
    assert len(asked & catalogue_keys) > 300
    assert asked - catalogue_keys - by_others - items == set()


GERMAN = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "What this site does, and what it does not"
msgstr "Was diese Seite tut, und was sie nicht tut"
"""


def test_a_language_that_was_added_is_shown_to_browsers_that_ask_for_it(tmp_path, settings):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(GERMAN, encoding="utf-8")
    subprocess.run(["msgfmt", "-o", str(folder / "django.mo"), str(folder / "django.po")], check=True)
    headings = {"de": "Was diese Seite tut", "fr": "What this site does"}
    settings.LOCALE_PATHS = [str(tmp_path)]
    assert "What this site does" in _about("de"), "not offered as long as LANGUAGES does not name it"
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    for language, heading in headings.items():
        assert heading in _about(language)


def _about(language: str) -> str:
    return Client().get(reverse("about"), headers={"accept-language": language}).text


def test_a_word_outside_every_message_is_found():
    html = '<h1>⟦Today⟧</h1><p>and ⟦3 forms⟧</p><a title="open">⟦<b>C-1</b>⟧</a><script>not shown</script>'
    assert pseudo_locale.unmarked(pseudo_locale.shown_text(html), {"C-1"}) == ["and", "open"]
