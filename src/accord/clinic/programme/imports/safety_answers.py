"""Answers above 0 on safety items in every row of a file, also in rows that are not taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.models import Person
from accord.clinic.programme.imports.confirmations import tick_name
from accord.clinic.programme.imports.ratings_rows import Row
from accord.exchange.csv_cells import BadCellError, number
from accord.exchange.reading import BadCell
from accord.exchange.text_table import TextTable
from accord.exchange.wrong_cell import plain
from accord.records.ratings import Instrument, Item


@dataclass(frozen=True)
class SafetyAnswer:
    """An answer above 0 on a safety item, or one that cannot be read. Texts are as the file has them.

    `whose`: the code of the client in the record, where the row means a known person; `name`: of that client.
    `row`: the row's text. `left_out`: the row cannot be taken.
    An act in a file of events counts as one: `instrument` is its kind, `answer` how often, and `item` 0.
    """

    line: int
    client: str
    session: str
    day: str
    instrument: str
    item: int
    about: str
    answer: str
    left_out: bool = False
    row: str = ""
    whose: str = ""
    name: str = ""

    @property
    def field(self) -> str:
        """The name of the box that confirms it; it differs with the answer and the client."""
        return tick_name("seen", self.line, self.client, self.day, self.item, self.answer)

    @property
    def spoken_day(self) -> str:
        return spoken_day(self.day)


def spoken_day(day: str) -> str:
    """A day as people say it, or the text of the file where it is no date."""
    try:
        return date_format(date.fromisoformat(day), "j M Y")
    except ValueError:
        return day


def of_row(row: Row, text: TextTable, *, left_out: bool) -> Iterator[SafetyAnswer]:
    """The answers above 0 in a row that could be read."""
    for item in row.instrument.safety_items:
        if (value := row.answers.get(item.number, 0)) > 0:
            yield SafetyAnswer(
                line=row.line,
                client=row.client,
                session=str(row.session),
                day=str(row.day or ""),
                instrument=row.instrument.name,
                item=item.number,
                about=item.about,
                answer=plain(value),
                left_out=left_out,
                row=text.text(row.line),
            )


def of_unread(cell: BadCell, text: TextTable, known: Mapping[str, Instrument]) -> Iterator[SafetyAnswer]:
    """The answers above 0 in a row that could not be read, by the columns of the heading.

    Where the row has too few or too many cells and names a form with safety items, a person has to read it.
    """
    cells = text.cells(cell.line)
    for instrument in _possible_forms(cells, text.split(cell.line), known):
        for item in instrument.safety_items:
            answer = _unless_zero(cells.get(f"item_{item.number}", "")) if cells else _("cannot be read")
            if answer:
                yield _left_out(cell, cells or _guessed_cells(cell, text), instrument, item, answer)


def _possible_forms(
    cells: Mapping[str, str], row: list[str], known: Mapping[str, Instrument]
) -> list[Instrument]:
    """The forms with safety items that a row may be about, also where no name is as the catalogue has it.

    An unknown name may mean any form with as many items as the row has.
    """
    safety = [instrument for instrument in known.values() if instrument.safety_items]
    names = [_letters(name) for name in ([cells.get("instrument", "")] if cells else row)]
    named = [form for form in safety if any(_letters(form.id) in name for name in names)]
    if named or not cells or cells.get("instrument", "").strip().casefold() in known:
        return named
    filled = [name for name, cell in cells.items() if name.startswith("item_") and cell.strip()]
    items = max((int(name.removeprefix("item_")) for name in filled), default=0)
    return [form for form in safety if len(form.items) == items]


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _unless_zero(text: str) -> str:
    """The answer as the file has it, unless it is empty or 0."""
    try:
        value = number(text)
    except BadCellError:
        return text.strip()
    return "" if value == 0 or value != value else text.strip()


def _guessed_cells(cell: BadCell, text: TextTable) -> dict[str, str]:
    """The first cells of a row with too few or too many of them, which are most likely where they belong."""
    return dict(zip(text.names, text.split(cell.line), strict=False))


def _left_out(
    cell: BadCell, cells: Mapping[str, str], instrument: Instrument, item: Item, answer: str
) -> SafetyAnswer:
    return SafetyAnswer(
        line=cell.row,
        client=cells.get("client", "").strip(),
        session=cells.get("session", "").strip(),
        day=cells.get("date", "").strip(),
        instrument=instrument.name,
        item=item.number,
        about=item.about,
        answer=answer,
        left_out=True,
        row=cell.line,
    )


def of_unread_event(cell: BadCell, text: TextTable, acts: Collection[str]) -> Iterator[SafetyAnswer]:
    """The act in a row of events that could not be read, as the file has it."""
    cells = text.cells(cell.line)
    named = [cells.get("kind", "")] if cells else text.split(cell.line)
    act = next((act for act in acts if any(_letters(act) in _letters(name) for name in named)), None)
    count = _unless_zero(cells.get("count", "")) if cells else _("cannot be read")
    if act is not None and (count or not cells.get("count", "").strip()):
        cells = cells or _guessed_cells(cell, text)
        yield SafetyAnswer(
            line=cell.row,
            client=cells.get("client", "").strip(),
            session="",
            day=cells.get("date", "").strip(),
            instrument=act,
            item=0,
            about="",
            answer=count or _("how often is not said"),
            left_out=True,
            row=cell.line,
        )


def with_names(
    answers: Iterable[SafetyAnswer], clients: Mapping[str, Person], meant: Mapping[str, str]
) -> Iterator[SafetyAnswer]:
    """The same answers, with code and name of known clients; `meant`: their code by that of the file."""
    for answer in answers:
        person = clients.get(answer.client) or clients.get(meant.get(answer.client, ""))
        if person is None:
            yield answer
        else:
            name = person.name if person.name != person.code else ""
            yield replace(answer, whose=person.code, name=name)
