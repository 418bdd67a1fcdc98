"""What the web server itself writes: its errors, redacted, and no access log."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from accord.clinic.web.log_redaction import Formatter


class RedactedLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log. A request that it cannot read is repeated in its error, with the address."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Formatter(self.error_fmt, self.datefmt))
        self.access_log.handlers = [logging.NullHandler()]

    def access(self, *arguments: Any, **more: Any) -> None:
        """Write nothing, however the server was set up."""
