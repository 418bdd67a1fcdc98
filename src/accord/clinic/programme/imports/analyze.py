"""Refresh PostgreSQL's row statistics after an import."""

from __future__ import annotations

from django.db import connection


def count_rows() -> None:
    """Run ANALYZE: otherwise queries of a table just filled are planned as if it were empty."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
