"""Keys are made, changed and retired by command; a change killed at any moment loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.db import connection

from accord.clinic.encryption import envelope, factor_secrets, rings
from accord.clinic.encryption.field import Ciphertext, ring_of
from accord.clinic.encryption.rings import KeyProblem, RingName
from accord.clinic.models import Account, AuditEvent, Organisation, Person, SealedText, UploadedFile
from accord.clinic.models.actors import SYSTEM
from accord.clinic.models.sealed import SealedReaction
from accord.clinic.programme.imports import uploads
from accord.clinic.programme.imports.uploads import Upload
from accord.clinic.site import keys as sealing
from accord.clinic.site.commands import keys
from accord.clinic.site.system_checks import key_problems
from tests.clinic.encryption.test_sealed import Note, plant
from tests.support import clinic_environment, ready_made

WORDS = "CANARY-ROTATED words of somebody"
TEXT, REACTIONS = RingName.TEXT, RingName.REACTIONS


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.ACCORD = replace(settings.ACCORD, folder=tmp_path)
    rings.make_missing(tmp_path)
    return tmp_path


@pytest.fixture
def notes(db, folder) -> list[Note]:
    organisation = Organisation.objects.create(name="One")
    made = [Note(uuid4(), organisation.pk, uuid4()) for _ in range(25)]
    SealedText.objects.bulk_create(SealedText.about(note, "text", f"{WORDS} {note.pk}") for note in made)
    return made


def _all_open(notes) -> bool:
    return SealedText.texts(notes, "text") == {note.pk: f"{WORDS} {note.pk}" for note in notes}


def _run(*arguments: str) -> int:
    return keys.main(arguments)


def test_keys_are_for_their_owner_only_and_one_file_each(folder):
    for name in RingName:
        path = rings.path_of(folder, name)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in (folder / rings.FOLDER).iterdir()} == {"text", "reactions", ".lock"}


def test_a_ring_that_is_there_is_never_overwritten(folder):
    before = rings.path_of(folder, TEXT).read_bytes()
    with pytest.raises(KeyProblem, match="found a ring already"):
        rings.make(folder, TEXT)
    assert rings.make_missing(folder) == []
    assert rings.path_of(folder, TEXT).read_bytes() == before


def _spoil(folder: Path, how: str) -> None:
    path, other = rings.path_of(folder, TEXT), rings.path_of(folder, REACTIONS)
    content = json.loads(path.read_text())
    if how == "missing":
        path.unlink()
    elif how == "open to the group":
        path.chmod(0o640)
    elif how == "folder open to others":
        path.parent.chmod(0o755)
    elif how == "a link":
        path.rename(folder / "elsewhere")
        path.symlink_to(folder / "elsewhere")
    elif how == "empty":
        path.write_text("")
    elif how == "another ring's file":
        path.write_bytes(other.read_bytes())
    elif how == "a key changed":
        (key,) = content["keys"].values()
        key["key"] = ("A" if key["key"][0] != "A" else "B") + key["key"][1:]
        path.write_text(json.dumps(content))
    elif how == "a short key":
        (key,) = content["keys"].values()
        key["key"] = key["key"][:20]
        path.write_text(json.dumps(content))
    elif how == "no current key":
        path.write_text(json.dumps({**content, "current": "0" * 12}))


SPOILS = (
    "missing", "open to the group", "folder open to others", "a link", "empty", "another ring's file",
    "a key changed", "a short key", "no current key",
)  # fmt: skip


@pytest.mark.parametrize("how", SPOILS)
def test_a_site_whose_keys_are_in_no_good_state_does_not_start_and_says_which_file(folder, how):
    assert list(key_problems(folder, "x" * 50)) == []
    _spoil(folder, how)
    result = list(key_problems(folder, "x" * 50))
    assert "accord.E020" in [problem.id for problem in result]
    assert all(str(folder) in problem.msg and "accord keys new" in problem.hint for problem in result)
    with pytest.raises(KeyProblem):
        rings.load(folder, TEXT)


def test_a_refusal_shows_no_key(folder):
    _spoil(folder, "a key changed")
    result = [key["key"] for key in json.loads(rings.path_of(folder, TEXT).read_text())["keys"].values()]
    for problem in key_problems(folder, ""):
        assert not any(secret[:12] in problem.msg for secret in result)


def test_a_key_that_also_signs_sessions_is_refused(folder):
    secret = json.loads(rings.path_of(folder, TEXT).read_text())["keys"]
    (key,) = secret.values()
    assert [problem.id for problem in key_problems(folder, key["key"])] == ["accord.E021"]


def test_the_list_counts_the_texts_of_each_key_and_names_what_is_missing(notes, folder, capsys):
    assert _run("list") == 0
    first = ring_of(TEXT).current
    assert f"{first}  current" in capsys.readouterr().out
    assert sealing.under_keys(TEXT) == {first: len(notes)}
    rings.path_of(folder, TEXT).unlink()
    rings.make(folder, TEXT)
    assert _run("list") == 1
    assert f"{first}  MISSING: {len(notes)} texts cannot be read" in capsys.readouterr().out


def test_a_new_key_then_rotation_then_retiring_the_old_one(notes, folder, monkeypatch, capsys):
    first = ring_of(TEXT).current
    assert _run("new", "--ring", "text") == 0
    second = ring_of(TEXT).current
    assert second != first
    assert _all_open(notes)
    assert _run("retire", first) == 2
    assert f"{len(notes)} texts under {first}" in capsys.readouterr().err
    assert _run("rotate") == 0
    assert sealing.under_keys(TEXT) == {second: len(notes)}
    assert _all_open(notes)
    assert _run("retire", first) == 2  # a request under way may still hold the earlier key
    assert "younger than 15 minutes" in capsys.readouterr().err
    monkeypatch.setattr(sealing, "SETTLED_AFTER", timedelta(0))
    assert _run("retire", first) == 0
    assert list(ring_of(TEXT).keys) == [second]
    kept = rings.path_of(folder, TEXT).with_name("text.retired")
    assert list(json.loads(kept.read_text())) == [first]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert _all_open(notes)
    events = AuditEvent.objects.filter(action__startswith="keys.")
    assert {event.action for event in events} == {"keys.new", "keys.rotate", "keys.retire"}
    assert all(set(event.fields) <= {"text", "reactions"} for event in events)


def test_the_current_key_and_an_unknown_one_are_never_retired(notes, monkeypatch, capsys):
    monkeypatch.setattr(sealing, "SETTLED_AFTER", timedelta(0))
    before = ring_of(TEXT).keys
    assert _run("retire", ring_of(REACTIONS).current) == 2
    assert _run("retire", "0" * 12) == 2
    assert _run("retire", ring_of(TEXT).current) == 2
    assert ring_of(TEXT).keys == before


def test_a_key_is_old_enough_after_a_quarter_of_an_hour(notes, folder):
    first = ring_of(TEXT).current
    rings.add(folder, TEXT)
    sealing.rotate(name=TEXT, by=SYSTEM)
    with pytest.raises(sealing.StillNeeded):
        sealing.refuse_retiring(TEXT, first)
    sealing.refuse_retiring(TEXT, first, datetime.now(UTC) + timedelta(minutes=16))


@pytest.fixture
def waiting_file(notes) -> Upload:
    organisation = Organisation.objects.get()
    lead = Person.objects.create(organisation=organisation, kind=Person.Kind.STAFF, code="lead", name="Lead")
    return uploads.hold(
        chunks=[b"\xff" + WORDS.encode()], filename="x.csv", team=None, clinician=None, scale=None, by=lead
    )


def test_a_file_that_waits_moves_with_the_texts_and_holds_its_key_until_then(
    waiting_file, folder, monkeypatch, capsys
):
    monkeypatch.setattr(sealing, "SETTLED_AFTER", timedelta(0))
    first = ring_of(TEXT).current
    rings.add(folder, TEXT)
    with monkeypatch.context() as planted:  # a rotation that forgets it leaves its key needed
        planted.setattr(UploadedFile, "rewrap", lambda row, sealed: False)
        assert _run("rotate") == 0
        assert _run("retire", first) == 2
    assert f"found 1 texts under {first}" in capsys.readouterr().err
    assert _run("rotate") == 0
    assert _run("retire", first) == 0
    with waiting_file.opened() as path:
        assert path.read_bytes() == b"\xff" + WORDS.encode()


@pytest.fixture
def factors(notes) -> list[Authenticator]:
    """An app and recovery codes, of which one was used up."""
    account = Account.objects.create_user(
        organisation=Organisation.objects.get(), email="a@test.example", password=WORDS
    )
    TOTP.activate(account, generate_totp_secret())
    codes = RecoveryCodes.activate(account)
    assert codes.validate_code(codes.generate_codes()[3])
    return list(Authenticator.objects.order_by("pk"))


def _secrets() -> list[str]:
    rows = Authenticator.objects.order_by("pk")
    return [decrypt(row.data.get("secret") or row.data["seed"]) for row in rows]


def test_secrets_of_second_factors_move_with_the_texts_and_hold_their_key_until_then(
    notes, factors, folder, monkeypatch, capsys
):
    monkeypatch.setattr(sealing, "SETTLED_AFTER", timedelta(0))
    first, before = ring_of(TEXT).current, _secrets()
    unused = RecoveryCodes(factors[1]).get_unused_codes()
    rings.add(folder, TEXT)
    with monkeypatch.context() as planted:  # without the factors' own rotation the key is still needed
        planted.setattr(factor_secrets, "rotate", lambda _: (0, []))
        assert _run("rotate") == 0
        assert _run("retire", first) == 2
    assert f"found 2 texts under {first}" in capsys.readouterr().err
    assert _run("rotate") == 0
    assert "text: 2 moved" in capsys.readouterr().out
    assert _run("retire", first) == 0
    assert _secrets() == before
    assert RecoveryCodes(Authenticator.objects.get(pk=factors[1].pk)).get_unused_codes() == unused
    assert len(unused) == 9


def test_a_secret_that_does_not_open_is_left_named_and_the_others_move(factors, folder, capsys):
    Authenticator.objects.filter(pk=factors[0].pk).update(data={"secret": "CANARYCLEAR"})
    rings.add(folder, TEXT)
    assert _run("rotate", "--ring", "text") == 1
    output = capsys.readouterr()
    assert f"mfa_authenticator {factors[0].pk}" in output.err
    assert "CANARY" not in output.err
    assert Authenticator.objects.get(pk=factors[0].pk).data == {"secret": "CANARYCLEAR"}
    assert envelope.key_of(Authenticator.objects.get(pk=factors[1].pk).data["seed"]) == ring_of(TEXT).current


def test_each_ring_is_rotated_by_itself(notes, folder):
    reaction = replace(notes[0], sealed_owner=uuid4())
    SealedReaction.about(reaction, "answers", WORDS).save()
    for name in RingName:
        rings.add(folder, name)
    assert sealing.rotate(name=REACTIONS, by=SYSTEM).moved == 1
    assert ring_of(TEXT).current not in sealing.under_keys(TEXT)
    assert SealedReaction.texts([reaction], "answers") == {reaction.pk: WORDS}


def test_what_does_not_open_is_left_as_it_is_named_and_told_by_the_exit_code(notes, folder, capsys):
    damaged = SealedText.objects.get(row=notes[0].pk)
    bad = str(damaged.stored)[:-6] + "AAAAA="
    plant(bad, pk=damaged.pk)
    rings.add(folder, TEXT)
    assert _run("rotate", "--ring", "text") == 1
    output = capsys.readouterr()
    assert f"{len(notes) - 1} moved" in output.out
    assert str(notes[0].pk) in output.err
    assert "CANARY" not in output.err
    assert str(SealedText.objects.get(pk=damaged.pk).stored) == bad
    assert _all_open(notes[1:])


@pytest.mark.parametrize("after", [0, 1, 7, 24])
def test_rotation_stopped_anywhere_goes_on_with_what_is_left(notes, folder, monkeypatch, after):
    monkeypatch.setattr(sealing, "BATCH", 5)
    rings.add(folder, TEXT)
    rewrap, done = SealedText.rewrap, []

    def stopping(row, sealed):
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(row)
        return rewrap(row, sealed)

    monkeypatch.setattr(SealedText, "rewrap", stopping)
    with pytest.raises(KeyboardInterrupt):
        sealing.rotate(name=TEXT, by=SYSTEM)
    monkeypatch.setattr(SealedText, "rewrap", rewrap)
    assert _all_open(notes)
    left = len(notes) - sealing.under_keys(TEXT)[ring_of(TEXT).current]
    assert left == len(notes) - after // 5 * 5  # whole batches only
    assert sealing.rotate(name=TEXT, by=SYSTEM).moved == left
    assert _all_open(notes)
    assert sealing.rotate(name=TEXT, by=SYSTEM).moved == 0


def test_two_rotations_at_once_move_each_text_once(notes, folder):
    rings.add(folder, TEXT)
    row = SealedText.objects.get(row=notes[0].pk)
    sealing.rotate(name=TEXT, by=SYSTEM)
    stored = SealedText.objects.get(pk=row.pk).stored
    assert not row.rewrap(Ciphertext("what an older reading would put there"))
    assert SealedText.objects.get(pk=row.pk).stored == stored
    assert set(SealedText.objects.values_list("wrapped", flat=True)) == {1}


def _wait_for_each_other(monkeypatch) -> None:
    """SQLite gives a write up after 20 seconds, which on a busy machine is not long enough for a test."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 600)
        connection.close()  # the next one is opened with it


@pytest.mark.django_db(transaction=True)
def test_the_site_goes_on_writing_while_keys_change(folder, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 10)
    _wait_for_each_other(monkeypatch)
    organisation = Organisation.objects.create(name="Busy")
    notes = [Note(uuid4(), organisation.pk, uuid4()) for _ in range(60)]
    SealedText.objects.bulk_create(SealedText.about(note, "text", f"{WORDS} {note.pk}") for note in notes)
    rings.add(folder, TEXT)
    later = [Note(uuid4(), organisation.pk, uuid4()) for _ in range(20)]

    def writing() -> None:
        for note in later:
            SealedText.about(note, "text", f"{WORDS} {note.pk}").save()
        connection.close()

    writer = threading.Thread(target=writing)
    writer.start()
    moved = sealing.rotate(name=TEXT, by=SYSTEM).moved
    writer.join()
    assert moved == 60
    assert sealing.under_keys(TEXT) == {ring_of(TEXT).current: 80}
    assert _all_open(notes + later)


BUSY_SITE = """
import sys, uuid
from pathlib import Path
from accord.clinic.site.commands import site
site.load()
from django.conf import settings
from django.core.management import call_command
from accord.clinic.encryption import rings
from accord.clinic.encryption.rings import RingName
rings.make_missing(settings.ACCORD.folder)
call_command("migrate", verbosity=0)
from accord.clinic.models import Organisation, SealedText
one = Organisation.objects.create(name="One")
SealedText.objects.bulk_create(
    SealedText(organisation=one, table="clinic_note", row=uuid.uuid4(), field="text", client=uuid.uuid4(),
               content=f"words {n}") for n in range(1200))
rings.add(settings.ACCORD.folder, RingName.TEXT)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.site import keys as sealing
sealing.BATCH = 20
rewrap, done = SealedText.rewrap, []
def telling(row, sealed):
    moved = rewrap(row, sealed)
    done.append(row)
    print(len(done), flush=True)
    return moved
SealedText.rewrap = telling
print("ready", flush=True)
sealing.rotate(name=RingName.TEXT, by=SYSTEM)
"""
COUNT_SITE = """
from accord.clinic.site.commands import site
site.load()
from accord.clinic.site import keys as sealing
from accord.clinic.encryption.rings import RingName
from accord.clinic.models import SealedText
from accord.clinic.models.actors import SYSTEM
text = RingName.TEXT
keys = len(sealing.under_keys(text))
print(keys, sealing.rotate(name=text, by=SYSTEM).moved, len(sealing.under_keys(text)))
print(sorted(int(row.content.split()[1]) for row in SealedText.objects.all()) == list(range(1200)))
"""


def test_rotation_survives_being_killed_and_ends_with_every_text_readable(tmp_path):
    ready_made.put_into(tmp_path)
    given = clinic_environment.variables(folder=str(tmp_path))
    environment = clinic_environment.without_accord(dict(os.environ)) | given
    started = subprocess.Popen(
        [sys.executable, "-c", BUSY_SITE], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    for line in started.stdout:
        if line.strip() == "333":
            break
    os.kill(started.pid, signal.SIGKILL)
    started.stdout.close()
    assert started.wait() == -signal.SIGKILL
    done = subprocess.run(
        [sys.executable, "-c", COUNT_SITE], env=environment, capture_output=True, text=True, check=True
    )
    counted, readable = done.stdout.split("\n")[:2]
    kinds, moved, left = map(int, counted.split())
    assert (kinds, left, readable) == (2, 1, "True")
    assert 0 < moved <= 1200 - 320
