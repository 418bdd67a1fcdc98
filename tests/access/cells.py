"""One cell of the access matrix: who asks, how, for whose record; and what is wrong with the answer."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import unquote, urlencode

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accord.clinic.accounts import sessions
from tests.access import evidence
from tests.access.offers import Offer, offers
from tests.access.programme import Programme
from tests.access.sending import SENDS
from tests.access.tables import METHODS, NO_RECORD, NOT_ANSWERED, Page, Someone, pages, people
from tests.support.thorough import PROOF

LONG = 8  # characters; a shorter key stands in other words too
STAYS = 4 * 60  # seconds between two signs of life
A_FEW, ONE_WHO_GETS, ONE_IN = ("lind", "nobody", "ana", "lead"), 4, 40
NOWHERE = "unknown"  # for whom no page opens
WRONG_IN_FORM = (400, 409)  # what a form that was sent empty is told: it is wrong, and not closed
FORM = "application/x-www-form-urlencoded"
BY_NAME = re.compile(r"/(c|invitation)/[0-9a-f]{20}/(\w+/)?")  # where a link sends on whoever opens it
SECRET = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


@dataclass(frozen=True)
class Cell:
    who: Someone
    page: Page
    method: str
    about: str

    def __str__(self) -> str:
        return f"{self.who.name} {self.method} {self.page.key} about {self.about}"

    @property
    def expected(self) -> int:
        return self.page.status(self.method, self.about, self.who)

    @property
    def is_refused(self) -> bool:
        return self.expected == NOT_ANSWERED or self.page.refuses(self.method, self.about, self.who)


class Door:
    """The programme with a browser for everybody. Whatever a cell does is taken back after it."""

    def __init__(self) -> None:
        self.people = people()
        self.world = Programme()
        self.since = time.monotonic()
        self.opened: dict[tuple[str, Offer], int] = {}
        self.browsers = {name: self.world.browser(name) for name in self.people}
        for browser in self.browsers.values():
            browser.raise_request_exception = False
        self.cookies = {name: browser.cookies.output() for name, browser in self.browsers.items()}
        named = {name: getattr(self.world, name, None) for name in self.people}
        self.turns = {key: at for at, key in enumerate(pages())}
        self.canaries = evidence.canaries(named)
        for owner, told in self.world.words.items():
            self.canaries.setdefault(owner, set()).update(told)

    def cells(self, page: Page, whole: bool = PROOF) -> Iterator[Cell]:
        """Every cell of a page, or those of an everyday walk: see `_is_tried`."""
        abouts = self.abouts(page)
        for at, who in enumerate(self.people.values()):
            for about in abouts if not page.tried_as or who.name in page.tried_as else ():
                for method in METHODS:
                    # What no view answers is turned away before anybody looks at whose record it is.
                    if method in page.answered or about in (abouts[0], abouts[-1]):
                        cell = Cell(who, page, method, about)
                        if whole or self._is_tried(cell, at):
                            yield cell

    def _is_tried(self, cell: Cell, at: int) -> bool:
        """Everyday: a few who stand for many, in turn some of those who get something, and fewer others."""
        if cell.method not in cell.page.answered:
            return cell.who.name == A_FEW[0]
        if cell.who.name in A_FEW:
            return True
        gets = any(who == cell.who.name for _, _, who in cell.page.expected)
        turn = at + self.turns[cell.page.key]
        return cell.method != "HEAD" and turn % (ONE_WHO_GETS if gets else ONE_IN) == 0

    def _stay(self) -> None:
        """Nobody is away for so long that their page locks, however long the walk takes."""
        if time.monotonic() - self.since < STAYS:
            return
        self.since = time.monotonic()
        for browser in self.browsers.values():
            session = browser.session
            for name in {sessions.SEEN, sessions.BEGAN} & set(session.keys()):
                session[name] = time.time()
            for record in session.get("account_authentication_methods", []):
                record["at"] = time.time()
            session.save()

    def abouts(self, page: Page) -> list[str]:
        """The records that an address is tried with: those that every thing it names has."""
        things = [self.world.things[thing] for thing in page.things.values()]
        return [about for about in page.abouts if all(about in thing for thing in things)]

    def complaints(self, page: Page, whole: bool = PROOF) -> Iterator[str]:
        """Everything that is wrong at one address, for everybody, every way of asking and every record."""
        self._stay()
        with quiet():
            yield from self._complaints(page, whole)

    def _complaints(self, page: Page, whole: bool) -> Iterator[str]:
        for cells in self._by_person(page, whole):
            yield from self._quiet([cell for cell in cells if _must_change_nothing(cell)])
            for cell in cells:
                if not _must_change_nothing(cell):
                    with taken_back():
                        yield from self._wrong(cell, self.answer(cell))

    def _by_person(self, page: Page, whole: bool) -> Iterator[list[Cell]]:
        for _, cells in groupby(self.cells(page, whole), lambda cell: cell.who.name):
            yield list(cells)

    def _quiet(self, cells: list[Cell]) -> Iterator[str]:
        """Cells that may change nothing."""
        answers: dict[Cell, HttpResponse] = {}
        with taken_back():
            for cell in cells:
                with evidence.writes() as written:
                    answers[cell] = self.answer(cell)
                yield from self._wrong(cell, answers[cell])
                if written:
                    yield f"{cell}: wrote to {sorted(written)} without being allowed"
        for cell, answer in answers.items():
            yield from self._differs_from_missing(cell, answer, answers)
            yield from self._offers_what_is_closed(cell, answer)

    def _differs_from_missing(
        self, cell: Cell, answer: HttpResponse, answers: dict[Cell, HttpResponse]
    ) -> Iterator[str]:
        """Another's record and one that does not exist must look the same to whoever may not see it."""
        missing = Cell(cell.who, cell.page, cell.method, "missing")
        if missing not in answers:
            return
        hidden = cell.is_refused and cell.about not in (NO_RECORD, "missing") and missing.is_refused
        if hidden and self._looks(cell, answer) != self._looks(missing, answers[missing]):
            yield f"{cell}: looks different from a record that does not exist"

    def _looks(self, cell: Cell, answer: HttpResponse) -> tuple[int, str]:
        """Status, headers and body, without what was asked with: some of them write it back, quoted."""
        told = unquote(unquote(text_of(answer))).replace(unquote(self.address(cell)), "ADDRESS")
        for thing in cell.page.things.values():
            key = str(self.world.things[thing][cell.about])
            told = told.replace(key, "KEY") if len(key) >= LONG else told
        return answer.status_code, told

    def answer(self, cell: Cell) -> Any:
        """Asks as this person's browser would, from a sign-in nothing has happened to yet."""
        browser = self._browser(cell.who.name)
        send = SENDS.get(cell.page.sends)
        data = send(self.world, cell.about, cell.who.name) if send else {}
        address = self.address(cell)
        if cell.method in ("GET", "HEAD", "OPTIONS"):
            answer = browser.generic(cell.method, address)
            there = BY_NAME.fullmatch(answer.headers.get("Location", ""))
            return browser.generic(cell.method, there[0]) if there else answer
        if cell.method == "POST":
            return browser.post(address, data)
        plain = {name: value for name, value in data.items() if isinstance(value, str | int)}
        return browser.generic(cell.method, address, urlencode(plain), content_type=FORM)

    def _browser(self, who: str) -> Client:
        browser: Client = self.browsers[who]
        browser.cookies.clear()
        browser.cookies.load(self.cookies[who].replace("Set-Cookie: ", ""))
        return browser

    def address(self, cell: Cell) -> str:
        meant = {name: self.world.things[thing][cell.about] for name, thing in cell.page.things.items()}
        return cell.page.address.format(**meant)

    def _wrong(self, cell: Cell, answer: Any) -> Iterator[str]:
        if answer.status_code != cell.expected:
            yield f"{cell}: {answer.status_code}, expected {cell.expected}"
        to = answer.headers.get("Location", "")
        door = reverse("account_login")
        if cell.is_refused and answer.status_code == 302 and not to.startswith(door):
            yield f"{cell}: sent to {to}, expected {door}"
        yield from self._leads_nowhere(cell, answer)
        also = [
            one for owner in cell.page.also.get(cell.who.name, ()) for one in self._owners(owner, cell.about)
        ]
        asked = self.address(cell)
        for leak in evidence.leaks(
            text_of(answer), asked, self.canaries, lambda owner: cell.who.may_see(owner, also)
        ):
            yield f"{cell}: {leak}"

    def _leads_nowhere(self, cell: Cell, answer: Any) -> Iterator[str]:
        """Whoever is sent on is sent to a page that opens for them."""
        to = answer.headers.get("Location", "")
        if cell.is_refused or answer.status_code != 302 or not to.startswith("/"):
            return
        if cell.who.name == NOWHERE:
            return
        seen = self.browsers[cell.who.name].get(to)
        if seen.status_code >= 400 and seen.status_code not in (405, 410):
            yield f"{cell}: sent on to {to}, which answers {seen.status_code}"

    def _offers_what_is_closed(self, cell: Cell, answer: HttpResponse) -> Iterator[str]:
        """Every link and form on a page opens for whoever is shown it."""
        if cell.method != "GET" or answer.status_code != 200 or cell.who.name == NOWHERE:
            return
        for offer in dict.fromkeys(offers(text_of(answer))):
            status = self._status_of(cell.who.name, offer)
            if status >= 400 and status not in WRONG_IN_FORM:
                yield f"{cell}: offers {offer.method} {offer.address}, which answers {status}"

    def _status_of(self, who: str, offer: Offer) -> int:
        """What this person gets there; a form is sent as the page shows it."""
        if (who, offer) not in self.opened:
            browser = self._browser(who)
            ask = browser.get if offer.method == "GET" else browser.post
            with taken_back():
                self.opened[who, offer] = ask(offer.address, dict(offer.sent)).status_code
        return self.opened[who, offer]

    def _owners(self, owner: str, about: str) -> tuple[str, ...]:
        return (about, f"{about}/*") if owner == "asked" else (owner,)


def _must_change_nothing(cell: Cell) -> bool:
    is_looking = cell.method in ("GET", "HEAD", "OPTIONS") and not cell.page.leaves_a_receipt
    return cell.is_refused or is_looking


def text_of(answer: HttpResponse) -> str:
    """Headers and body, without what is new in every page."""
    headers = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers.items()))
    body = b"".join(answer) if answer.streaming else answer.content
    return headers + "\n\n" + SECRET.sub("", body.decode(errors="replace"))


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of refusals are not worth a line each."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def taken_back() -> Iterator[None]:
    """Takes back everything written inside, also by code that insists on being the outermost transaction."""
    with transaction.atomic():
        block = transaction.get_connection().atomic_blocks[-1]
        block._from_testcase = True
        yield
        transaction.set_rollback(True)
