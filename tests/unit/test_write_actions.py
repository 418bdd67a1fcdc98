"""Who wrote is always named: what stores takes `by`, by keyword, and only actions write audit rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CLINIC = Path(__file__).resolve().parents[2] / "src" / "accord" / "clinic"
WRITING = (
    "accounts/sign_in_events.py",
    "audit/audit_reads.py",
    "monitoring/contacts.py",
    "monitoring/flags.py",
    "monitoring/dropout.py",
    "monitoring/populations.py",
    "programme/care/episodes.py",
    "programme/care/relationships.py",
    "programme/imports/batch_actions.py",
    "programme/imports/care_import.py",
    "programme/imports/confirmed_store.py",
    "programme/imports/putting_back.py",
    "programme/imports/ratings_import.py",
    "programme/imports/ratings_store.py",
    "programme/imports/undoing.py",
    "programme/imports/uploads.py",
    "site/backups.py",
    "site/keys.py",
    "site/mode.py",
)
STORING = {
    "bulk_create", "bulk_update", "create", "create_user", "delete", "get_or_create", "record_event",
    "record_event_for_each", "save", "update", "update_or_create",
}  # fmt: skip
EXCEPTIONS = {
    "audit/actions.py:declare": "keeps the features' declarations in memory; nothing is stored",
    "client/own_notes/actions.py:write": "part of a check-in, whose own action checks and records it",
    "monitoring/dropout.py:refresh_due": "a job: it writes only when it ran; estimates name the site",
    "programme/imports/ratings_store.py:people_of": "part of an import: the batch names who made it",
    "programme/imports/uploads.py:sweep": "a job: it removes what nobody imported within a day",
}


def modules() -> list[str]:
    return sorted({*WRITING, *(str(path.relative_to(CLINIC)) for path in CLINIC.rglob("actions.py"))})


def functions(source: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def called(function: ast.FunctionDef) -> Iterator[str]:
    """Names of what a function calls, without the object before the dot."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def is_storing(name: str, among: dict[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> bool:
    """Whether it stores something itself, or through a private function of its module.

    A public function that it calls is held by the same rule.
    """
    names = set(called(among[name])) - seen - {name}
    private = [other for other in names if other in among and other.startswith("_")]
    return bool(names & STORING) or any(is_storing(other, among, seen | {name}) for other in private)


def faults(source: str) -> list[str]:
    """Public functions that store something and do not take `by`, or take more than keywords."""
    among = functions(source)
    public = [name for name in among if not name.startswith("_") and is_storing(name, among)]
    return [name for name in public if among[name].args.args or "by" not in keywords(among[name])]


def keywords(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.kwonlyargs}


def recording(source: str) -> bool:
    return "record_event" in source.replace("record_event_for_each", "record_event")


@pytest.mark.parametrize("module", modules())
def test_whatever_stores_something_names_who_did_it_by_keyword(module):
    result = faults((CLINIC / module).read_text())
    assert [name for name in result if f"{module}:{name}" not in EXCEPTIONS] == []


def test_every_exception_is_still_one():
    listed = [exception.split(":") for exception in EXCEPTIONS]
    assert [name for module, name in listed if name not in faults((CLINIC / module).read_text())] == []


def test_no_page_and_no_query_writes_the_audit_log():
    readers = [*CLINIC.rglob("*views.py"), *CLINIC.rglob("queries.py"), *CLINIC.glob("facts/*.py")]
    assert len(readers) > 30
    assert [str(path) for path in readers if recording(path.read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "def keep(*, note): note.save()",
        "def keep(note, by): note.save()",
        "def keep(note, *, by): note.save()",
        "def keep(*, note): _kept(note)\ndef _kept(note): Note.objects.create(text=note)",
        "def keep(*, note): record_event(by=SYSTEM, action='note.keep', subject=note)",
    ],
)
def test_an_action_that_does_not_name_who_did_it_is_noticed(source):
    assert faults(source) == ["keep"]


@pytest.mark.parametrize(
    "source", ["def keep(*, note, by): note.save()", "def _keep(note): note.save()", "def find(note): ..."]
)
def test_an_action_that_names_who_did_it_and_a_query_are_no_faults(source):
    assert faults(source) == []


def test_a_page_that_writes_the_audit_log_is_noticed():
    assert recording("from accord.clinic.audit.write import record_event_for_each")
    assert not recording("readings.client(client=client, by=who(request))")
