"""Pages of the manual that are made from tables in the code say what the tables say."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from accord.clinic.policy import as_table

POLICY = Path(__file__).parents[2] / "docs" / "reference" / "policy.md"


def test_the_policy_page_holds_the_table_that_is_enforced():
    page = POLICY.read_text(encoding="utf-8")
    assert [line for line in as_table().splitlines() if line not in page] == [], "print as_table() into it"
    assert as_table() in page


@pytest.mark.django_db
def test_the_migrations_hold_what_the_models_say():
    try:
        call_command("makemigrations", check=True, dry_run=True)  # prints what is missing
    except SystemExit:
        pytest.fail(
            "run: DJANGO_SETTINGS_MODULE=accord.clinic.settings python -m django makemigrations --skip-checks"
        )
