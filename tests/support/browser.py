"""A headless Chromium for the browser tests. It talks to the site under test and to nobody else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
Scheme = Literal["light", "dark"]
SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


class NoBrowser(Exception):
    """No Chromium on this machine, and what to type."""


def chromium() -> str:
    """Path of the browser: $CHROMIUM, else the first known name on the PATH. NoBrowser when there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise NoBrowser("No Chromium found. Type: apt-get install chromium, or set CHROMIUM=/path/to/chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    # Chromium's sandbox does not work for root, and containers often are root.
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, *alone])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What a page did besides showing itself: errors it met, and requests to anywhere but its own site."""

    origin: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if (
            parts.scheme in {"http", "https", "ws", "wss"}
            and f"{parts.scheme}://{parts.netloc}" != self.origin
        ):
            self.strangers.append(request.url)


def context(browser: Browser, origin: str, size: str = "desktop", scheme: Scheme = "light") -> BrowserContext:
    """A person's own browser window of one of the SIZES, light or dark."""
    phone = size == "phone"
    return browser.new_context(
        base_url=origin, viewport=SIZES[size], color_scheme=scheme, has_touch=phone, is_mobile=phone,
        locale="en-GB", timezone_id="Europe/Berlin", reduced_motion="reduce",
    )  # fmt: skip


def accessibility_violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule, what it asks and where it failed."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['help']} at {[node['target'] for node in violation['nodes']]}"
        for violation in found
    ]
