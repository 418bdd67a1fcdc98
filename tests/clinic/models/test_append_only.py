"""The database itself refuses to change or delete a fact, in raw SQL too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from accord.clinic.models import CheckIn
from accord.clinic.models import guards as append_only
from accord.clinic.models.fact import AppendOnly
from accord.clinic.site.commands import site
from tests.support.world import HURT, World, fill

pytestmark = pytest.mark.django_db
TABLES = [model._meta.db_table for model in append_only.guarded()]


def _refuses(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="holds facts"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_kind_of_fact_has_its_guards_in_this_database():
    leaves = [model for model in apps.get_models() if AppendOnly in model.__mro__]
    assert append_only.guarded() == leaves
    assert len(leaves) >= 8
    assert append_only.missing(connection) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_facts_that_lost_a_guard_is_told_and_the_site_does_not_start(table):
    model = next(model for model in append_only.guarded() if model._meta.db_table == table)
    for name in append_only.guards(model, connection.vendor):
        where = f' ON "{table}"' if connection.vendor == "postgresql" else ""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f'DROP TRIGGER "{name}"{where}')
            assert append_only.missing(connection) == [name]
            with pytest.raises(site.CannotServe, match=name):
                site.refuse_changeable_facts()
            append_only.put_up(connection)
            site.refuse_changeable_facts()
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    "table", ["clinic_checkin", "clinic_contact", "clinic_auditevent", "clinic_assessment"]
)
def test_raw_sql_can_neither_change_nor_delete_a_fact(table):
    fill(World().with_lind, HURT)
    _refuses(f"UPDATE {table} SET organisation_id = organisation_id")
    _refuses(f"DELETE FROM {table}")


def test_a_fact_cannot_be_replaced_by_one_of_the_same_id_or_the_same_predecessor():
    first = fill(World().with_lind, HURT)
    second = fill(first.contact.engagement, HURT, contact=first.contact)
    assert second.predecessor_id == first.pk
    with _as_a_program_that_is_not_ours():
        for statement in _replacing():
            _refuses(statement)
    assert CheckIn.objects.count() == 2


@contextmanager
def _as_a_program_that_is_not_ours() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA recursive_triggers=OFF")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA recursive_triggers=ON")


def _replacing() -> list[str]:
    if connection.vendor == "postgresql":
        again = "INSERT INTO clinic_checkin SELECT * FROM clinic_checkin"
        return [f"{again} ON CONFLICT (id) DO UPDATE SET via = 'staff'"]
    names = ", ".join(str(field.column) for field in CheckIn._meta.concrete_fields)
    under_a_new_id = names.replace("id", "hex(randomblob(16))", 1)
    replace = f"INSERT OR REPLACE INTO clinic_checkin ({names}) SELECT"
    return [
        f"{replace} {names} FROM clinic_checkin",
        f"{replace} {under_a_new_id} FROM clinic_checkin WHERE predecessor_id IS NOT NULL",
    ]


def test_our_own_connections_ask_the_guards_also_when_a_row_is_replaced():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers")
            assert cursor.fetchone() == (1,)


@pytest.mark.postgres
def test_a_table_of_facts_cannot_be_truncated_not_even_in_a_session_that_applies_changes_from_elsewhere():
    fill(World().with_lind, HURT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _refuses("TRUNCATE clinic_checkin CASCADE")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    _refuses("DELETE FROM clinic_checkin")


def test_without_its_guards_the_database_lets_a_fact_be_changed():
    """The planted fault: this is what the guards prevent."""
    checkin = fill(World().with_lind, HURT)
    append_only.take_down(connection)
    models.QuerySet(CheckIn).filter(pk=checkin.pk).update(answers={})
    assert CheckIn.objects.get(pk=checkin.pk).answers == {}


def test_the_guards_are_put_up_again_after_a_migration_that_made_a_table_anew():
    append_only.before_migrating(plan=())
    assert append_only.missing(connection) == []  # nothing to do: nobody is let in meanwhile
    append_only.before_migrating(plan=[("something", False)])
    assert len(append_only.missing(connection)) == sum(
        len(append_only.guards(model, connection.vendor)) for model in append_only.guarded()
    )
    append_only.after_migrating()
    assert append_only.missing(connection) == []


def test_rows_that_are_no_facts_change_as_ever():
    world = World()
    world.ana.name = "Another name"
    world.ana.save()
    world.ana.refresh_from_db()
    assert world.ana.name == "Another name"


@pytest.mark.django_db(transaction=True)
def test_the_command_that_empties_a_database_is_refused_where_there_are_facts(monkeypatch):
    fill(World().with_lind, HURT)
    with monkeypatch.context() as real:
        real.setattr(append_only, "take_down", lambda _: None)
        with pytest.raises((CommandError, DatabaseError)):
            call_command("flush", interactive=False, verbosity=0)
    assert CheckIn.objects.exists()
