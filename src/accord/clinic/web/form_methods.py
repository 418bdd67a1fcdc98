"""The methods of a page that shows a form and takes it."""

from __future__ import annotations

from django.views.decorators.http import require_http_methods

FORM_METHODS = require_http_methods(["GET", "HEAD", "POST"])
