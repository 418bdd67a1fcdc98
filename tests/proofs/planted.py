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
    """Hands on what came of a body that was cut off, as servers do."""
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def _late(act: Callable[..., Any], values: dict[str, Any]) -> None:
    from django.db import connection

    time.sleep(LATE)
    try:
        act(**values)
    finally:
        connection.close()
