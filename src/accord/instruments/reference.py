"""The reference page of the instruments, written from their definitions.

`python -m accord.instruments.reference > docs/reference/instruments.md` renews it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from accord.instruments.catalogue import catalogue
from accord.records.ratings import Instrument, Item, Reliability, Scoring, Ships

HEAD = """# Instruments

Written from the definitions in `src/accord/instruments/data`; change those, not this page.

A definition holds what an instrument is made of. It holds the wording only where this project wrote it; for
every other form the items carry neutral names of our own, and a site uses the wording it is entitled to.
"Assumed" marks a reliability whose primary source was not read: it starts the tracker and is not printed.
No score here says how safe somebody is. An answer above 0 on a safety item is read by a person.
"""
CARRIED = {
    Ships.WORDING: "the project's own wording",
    Ships.STRUCTURE: "structure, no wording",
    Ships.TOTAL: "a total only",
}


def render() -> str:
    """The whole page as Markdown, ending with a line break."""
    instruments = list(catalogue().values())
    parts = [HEAD, _overview(instruments), *map(_section, instruments)]
    return "\n".join(parts)


def _overview(instruments: list[Instrument]) -> str:
    lines = ["| id | name | measures | range | better is | carried |", "|---|---|---|---|---|---|"]
    for instrument in instruments:
        better = "lower" if instrument.lower_is_better else "higher"
        cells = [
            f"`{instrument.id}`",
            instrument.name,
            instrument.construct,
            _range(instrument),
            better,
            CARRIED[instrument.ships],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _section(instrument: Instrument) -> str:
    facts = "\n".join(f"- {fact}" for fact in _facts(instrument))
    table = f"\n{_items(instrument)}\n" if instrument.items else ""
    return f"## {instrument.name} (`{instrument.id}`, version {instrument.version})\n\n{facts}\n{table}"


def _facts(instrument: Instrument) -> Iterator[str]:
    yield f"Filled by: {', '.join(instrument.raters)}."
    yield f"Score: {_score(instrument)}"
    for subscale in instrument.subscales:
        yield f"Subscale {subscale.name}: items {_numbers(subscale.items)}."
    if instrument.bands:
        bands = "; ".join(f"{band.label} up to {band.up_to:g}" for band in instrument.bands)
        yield f"Bands: {bands} ({instrument.bands_source})."
    yield f"Reliability: {_reliability(instrument.reliability)}"
    if not instrument.validated:
        yield "Not validated."
    yield f"Licence: {instrument.licence.rstrip('.')}."
    yield f"Source: {instrument.citation}"


def _score(instrument: Instrument) -> str:
    if instrument.scoring is Scoring.TOTAL:
        return f"{_range(instrument)}, given as it is."
    how = "sum" if instrument.scoring is Scoring.SUM else "mean"
    rule = f"{how} of {_items_named(instrument.scored)}, {_range(instrument)}"
    turned = [item.number for item in instrument.items if item.reversed]
    reverse = f"; reversed: {_numbers(turned)}" if turned else ""
    count = len(instrument.scored)
    least = math.ceil(instrument.min_answered * count - 1e-9)
    if least == count:
        return f"{rule}{reverse}; no score unless all are answered."
    return f"{rule}{reverse}; with {least} of {count} answered or more, the rest count as the mean of these."


def _reliability(stored: Reliability) -> str:
    values = {"alpha": stored.alpha, "retest": stored.retest, "spread between people": stored.sd}
    known = [f"{name} {value:g}" for name, value in values.items() if value is not None]
    if not known:
        return "none stored; the tracker learns the noise from the file."
    if not stored.checked:
        return "assumed."
    return f"{', '.join(known)} ({stored.source})."


def _items(instrument: Instrument) -> str:
    lines = ["| item | about | wording | answers | notes |", "|---|---|---|---|---|"]
    for item in instrument.items:
        cells = [str(item.number), item.about, item.wording, _answers(item), ", ".join(_notes(item))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _answers(item: Item) -> str:
    labels = (f"{option.value:g} {option.label}".strip() for option in item.options)
    return " · ".join(labels)


def _notes(item: Item) -> Iterator[str]:
    if item.reversed:
        yield "reversed"
    if item.safety:
        yield "**safety item**"
    if item.asked_if is not None:
        yield f"asked if item {item.asked_if} is above 0"


def _range(instrument: Instrument) -> str:
    return f"{instrument.low:g} to {instrument.high:g}"


def _items_named(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"item {numbers[0]}"
    if len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"items {numbers[0]} to {numbers[-1]}"
    return f"items {_numbers(numbers)}"


def _numbers(numbers: tuple[int, ...] | list[int]) -> str:
    return ", ".join(map(str, numbers))


if __name__ == "__main__":
    print(render(), end="")
