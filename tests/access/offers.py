"""What a page offers: its links and forms, which must open for whoever is shown them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)"')
FORM = re.compile(r"(<form\b[^>]*>)(.*?)</form>", re.DOTALL)
ACTION = re.compile(r'\baction="(/[^"#]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class Offer:
    """`sent`: what the page itself put into the form."""

    method: str
    address: str
    sent: tuple[tuple[str, str], ...] = ()


def offers(html: str) -> Iterator[Offer]:
    """The links of a page, and the addresses that its forms are sent to."""
    for address in LINK.findall(html):
        yield Offer("GET", unescape(address))
    for begin, inside in FORM.findall(html):
        sent_to = ACTION.search(begin)
        if sent_to and 'method="post"' in begin:
            sent = tuple((name, unescape(value)) for name, value in HIDDEN.findall(inside))
            yield Offer("POST", unescape(sent_to[1]), sent)
