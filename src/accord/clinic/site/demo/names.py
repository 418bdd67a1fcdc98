"""Invented names. Family names are things of nature, so that nobody is taken for somebody real."""

from __future__ import annotations

GIVEN = (
    "Amara", "Bao", "Chidi", "Dalia", "Emre", "Farah", "Goran", "Hana", "Imani", "Jorik", "Kavya",
    "Lior", "Mira", "Nilo", "Oksana", "Priya", "Quirin", "Ravi", "Saoirse", "Tomasz", "Ulla", "Viggo",
    "Wanja", "Xenia", "Yusuf", "Zofia", "Aiko", "Benno", "Carmen", "Davit", "Elif", "Femi", "Greta",
    "Hugo", "Ines", "Jamal", "Katya", "Luan", "Maren", "Noor",
)  # fmt: skip
FAMILY = (
    "Birchleaf", "Cloudbank", "Dewfall", "Elderberry", "Fernbrook", "Gullwing", "Heathermoor",
    "Icelake", "Juniper", "Kelpstone", "Larkmeadow", "Mossgrove", "Nettlefield",
)  # fmt: skip
STAFF = (
    "Dr Wren Alder", "Sorrel Okoye-Pine", "Dr Linnet Hazel", "Rowan Tidewater", "Tamsin Yarrow",
    "Dr Jasper Reed", "Ivo Thistledown", "Dr Marigold Sato-Fern", "Briony Saltmarsh",
    "Dr Aspen Nightjar", "Clover Haddad-Moss", "Dr Heron Willow", "Sage Driftwood", "Dr Iris Plover",
    "Fennel Sandpiper",
)  # fmt: skip
TEAMS = ("Harbour team", "Orchard team")


def client(number: int) -> str:
    """The name of the `number`-th client, counted from 0; all of the first 520 differ."""
    return f"{GIVEN[number % len(GIVEN)]} {FAMILY[(number + number // len(GIVEN)) % len(FAMILY)]}"


def staff(number: int) -> str:
    return STAFF[number % len(STAFF)]
