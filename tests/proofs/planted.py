"""Sites with a fault planted on purpose. A proof that does not turn red with each of them proves nothing."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

LATE = 0.05  # seconds by which a fault does afterwards what should have been done before

Application = Callable[..., Iterable[bytes]]


def _site() -> Application:
    """The real application, which loads Django: nothing else of the clinic can be imported before it."""
    from accord.clinic.wsgi import application

    return application


def acknowledges_first() -> Application:
    """Says thank you, and stores a moment later."""
    application = _site()
    from accord.clinic.client.checkins import actions as checkins

    submit = checkins.submit

    def later(**values: Any) -> None:
        threading.Thread(target=_late, args=(submit, values), daemon=True).start()

    vars(checkins)["submit"] = later
    return application


def audits_later() -> Application:
    """Stores, and writes the audit row a moment after the commit."""
    application = _site()
    from accord.clinic.client.checkins import actions as checkins

    record = vars(checkins)["record_event"]

    def later(**values: Any) -> None:
        threading.Thread(target=_late, args=(record, values), daemon=True).start()

    vars(checkins)["record_event"] = later
    return application


def forgets_the_id() -> Application:
    """Gives every sending an id of its own, so that trying again stores twice."""
    application = _site()
    from accord.clinic.client.checkins import actions as checkins

    submit = checkins.submit

    def anew(**values: Any) -> Any:
        return submit(**{**values, "checkin_id": uuid.uuid4()})

    vars(checkins)["submit"] = anew
    return application


def takes_half_a_form() -> Application:
    """Hands on what came of a body that was cut off, as servers do, to a site that does not look at it."""
    from django.core.wsgi import get_wsgi_application

    application: Application = get_wsgi_application()
    from accord.clinic.site.web_server.limits import Request

    received = Request.received

    def at_once(request: Any, data: bytes) -> int:
        taken = received(request, data)
        request.completed = request.completed or bool(request.body_bytes_received)
        return taken

    type.__setattr__(Request, "received", at_once)
    return application


def _late(act: Callable[..., Any], values: dict[str, Any]) -> None:
    from django.db import connection

    time.sleep(LATE)
    try:
        act(**values)
    finally:
        connection.close()


def a_thread_for_each() -> Application:
    """Takes a thread from the first byte of a request to its last, as many servers do."""
    application = _site()
    from accord.clinic.site.web_server.server import Channel

    received = Channel.received

    def at_once(channel: Any, data: bytes) -> bool:
        begins = channel.request is None
        went_well: bool = received(channel, data)
        if begins and channel.request is not None:
            channel.server.add_task(_Waits(channel))
        return went_well

    type.__setattr__(Channel, "received", at_once)
    return application


class _Waits:
    """A task that ends when its request has arrived, or its sender has gone."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def service(self) -> None:
        while self._channel.connected and self._channel.request is not None:
            time.sleep(LATE)

    def cancel(self) -> None:
        """Nothing is under way."""
