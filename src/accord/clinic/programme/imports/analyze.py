"""PostgreSQL plans for as many rows as it last counted; after many came at once, it is told to count."""

from __future__ import annotations

from django.db import connection


def count_rows() -> None:
    """Else a table that was just filled is read as if it were empty, until the server looks by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
