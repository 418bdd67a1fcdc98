"""The methods of a page that shows a form and takes it."""

from __future__ import annotations

from django.views.decorators.http import require_http_methods

ASKS = require_http_methods(["GET", "HEAD", "POST"])
