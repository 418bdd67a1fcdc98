"""A backup holds the record of one moment, opens with its key alone, and restores to the same rows or not at
all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accord.clinic.models import AuditEvent, CheckIn, Heartbeat, ReadOnlyMode, UploadedFile
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts
from accord.clinic.site import backups
from accord.clinic.site.backup import archive, creation, restoration, signing, tables
from tests.support import clinic_environment
from tests.support.world import HURT, World, days_ago, steady_then

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(tmp_path):
    private, public = creation.new_key()
    path = tmp_path / "key"
    path.write_text(f"# words\n{private}\n")
    return restoration.identity_of(path), public


@pytest.fixture
def made(tmp_path, keys):
    """A backup of a small programme."""
    world = World()
    steady_then(world.with_lind, HURT, before=3)
    creation.make(tmp_path / "one.accord", keys[1])
    return tmp_path / "one.accord"


def test_a_backup_reads_back_as_what_it_was_made_of(made, keys):
    head, counts = restoration.check(made, keys[0])
    assert head.vendor == connection.vendor
    assert counts["clinic_checkin"] == CheckIn.objects.count() > 2
    assert counts["clinic_auditevent"] == AuditEvent.objects.count() > 5
    assert ("clinic", "0001_initial") in head.migrations
    assert timezone.now() - datetime.fromisoformat(head.made_at) < timedelta(minutes=5)


def test_no_name_and_no_answer_can_be_read_in_the_file(made):
    written = made.read_bytes()
    assert written.startswith(b"age-encryption.org/v1")
    for result in (b"CANARY-ANA", b"session-checkin", b"clinic_checkin"):
        assert result not in written


def test_sessions_and_counts_of_tries_are_left_out(made, keys):
    reader = restoration.Reader()
    restoration._decrypt(made, keys[0], reader)
    assert not set(reader.columns) & tables.LEFT_OUT
    assert {"clinic_checkin", "clinic_auditevent", "django_migrations"} <= set(reader.columns)


def test_files_that_wait_and_read_only_mode_are_in_no_backup(made, keys):
    """Whoever uploaded a file has it still, and a restored site takes writes."""
    reader = restoration.Reader()
    restoration._decrypt(made, keys[0], reader)
    passing = {UploadedFile._meta.db_table, ReadOnlyMode._meta.db_table}
    assert passing <= set(connection.introspection.table_names())
    assert not passing & set(reader.columns)


def test_every_changed_cut_or_lengthened_backup_is_refused(made, keys, tmp_path):
    whole, chance, spoiled = made.read_bytes(), random.Random(5), tmp_path / "spoiled"
    for at in [*chance.sample(range(len(whole)), 60), 0, len(whole) - 1]:
        spoiled.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        with pytest.raises((archive.BadBackup, creation.BadKey)):
            restoration.check(spoiled, keys[0])
    for cut in (whole[:-1], whole[: len(whole) // 2], b"", whole + b"x", whole + whole):
        spoiled.write_bytes(cut)
        with pytest.raises((archive.BadBackup, creation.BadKey)):
            restoration.check(spoiled, keys[0])


def test_another_key_opens_nothing(made):
    other = pyrage.x25519.Identity.generate()
    with pytest.raises(creation.BadKey):
        restoration.check(made, other)


def _written(path, keys, lines):
    import io

    restoring_key = pyrage.x25519.Recipient.from_str(keys[1])
    out = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(b"".join(lines)), out, [restoring_key])
    path.write_bytes(out.getvalue())
    return path


def _lines(made, keys):
    import io

    out = io.BytesIO()
    with made.open("rb") as file:
        pyrage.decrypt_io(file, out, [keys[0]])
    return out.getvalue().splitlines(keepends=True)


def test_the_digests_see_what_encryption_cannot(made, keys, tmp_path):
    """Somebody who has the public key can encrypt anything: a row left out, doubled, swapped or altered."""
    lines = _lines(made, keys)
    rows = [at for at, line in enumerate(lines) if line.startswith(b"=")]
    first, second = rows[10], rows[-1]
    planted = {
        "left out": lines[:first] + lines[first + 1 :],
        "doubled": [*lines[: first + 1], *lines[first:]],
        "altered": [
            *lines[:first],
            lines[first].replace(b"1", b"2", 1).replace(b"a", b"b", 1),
            *lines[first + 1 :],
        ],
        "swapped": [
            *lines[:first],
            lines[second],
            *lines[first + 1 : second],
            lines[first],
            *lines[second + 1 :],
        ],
        "no end": [*lines[:-2], lines[-1]],
        "no signature": lines[:-1],
    }
    assert sum(restoration.check(_written(tmp_path / "same", keys, lines), keys[0])[1].values()) == len(rows)
    for name, changed in planted.items():
        with pytest.raises(archive.BadBackup):
            restoration.check(_written(tmp_path / name.replace(" ", "-"), keys, changed), keys[0])


def test_a_later_form_or_version_or_another_kind_of_database_is_refused(made, keys, tmp_path):
    lines = _lines(made, keys)
    for name, old, new in (
        ("form", b'"accord-backup": 2', b'"accord-backup": 3'),
        ("no backup", b"#", b""),
    ):
        changed = [lines[0].replace(old, new, 1), *lines[1:]]
        with pytest.raises(archive.BadBackup):
            restoration.check(_written(tmp_path / name.replace(" ", "-"), keys, changed), keys[0])


def test_a_key_that_is_none_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(creation.BadKey):
        creation.make(tmp_path / "never", "age1nothing")
    (tmp_path / "empty").write_text("")
    for path in (tmp_path / "empty", tmp_path / "absent"):
        with pytest.raises(creation.BadKey):
            restoration.identity_of(path)
    assert not (tmp_path / "never").exists()


def test_a_backup_that_was_made_is_noted_with_its_time_and_in_the_log():
    World()
    at = timezone.now()
    backups.note(at=at, by=SYSTEM)
    assert Heartbeat.objects.get(name=Heartbeat.BACKUP).at == at
    assert AuditEvent.objects.filter(action="backup.make").count() == 1


def _accord(*arguments, folder, **more):
    environment = clinic_environment.without_accord(dict(os.environ)) | clinic_environment.variables(
        more.get("url"), str(folder)
    )
    return subprocess.run(
        [sys.executable, "-m", "accord", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
    )


def _restore(made, tmp_path, url, *more):
    return _accord("restore", made, "--key", tmp_path / "key", *more, folder=tmp_path / "site", url=url)


@pytest.fixture
def empty_url(request):
    """DATABASE_URL of an empty place: a new database on the tests' PostgreSQL server, or None for SQLite."""
    if connection.vendor == "sqlite":
        yield None
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE restored")
    yield os.environ["DATABASE_URL"].rpartition("/")[0] + "/restored"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE restored WITH (FORCE)")


def test_the_commands_restore_the_same_rows_and_never_over_a_record(made, keys, tmp_path, empty_url):
    result = _restore(made, tmp_path, empty_url, "--yes")
    assert result.returncode == 0, result.stderr
    assert "restored and read back" in result.stdout
    again = _restore(made, tmp_path, empty_url, "--yes")
    assert (again.returncode, "Nothing was restored" in again.stderr) == (2, True)
    result = _accord("audit", "verify", folder=tmp_path / "site", url=empty_url)
    assert result.returncode == 0, result.stdout
    copied = tmp_path / "two.accord"
    result = _accord("backup", copied, "--to", keys[1], folder=tmp_path / "site", url=empty_url)
    assert result.returncode == 0, result.stderr
    assert copied.stat().st_mode & 0o077 == 0
    first, second = (_lines(path, keys) for path in (made, copied))
    assert _facts(first) == _facts(second) != set()
    assert sorted(p.name for p in (tmp_path / "site").iterdir() if p.name.startswith(".")) == []


def _facts(lines):
    """Every row but those that restoring and verifying add to: the log, its head, when it was read."""
    result, table = set(), ""
    for line in lines:
        if line.startswith(b"#"):
            table = archive.about(line).get("table", "")
        elif table not in ("clinic_auditevent", "clinic_audithead", "clinic_heartbeat"):
            result.add((table, line))
    return result


def test_a_backup_of_no_record_ends_with_2_says_what_to_do_and_writes_nothing(keys, tmp_path, empty_url):
    """Absent, empty, or migrated and never set up: nothing is written, no database is made on the way."""
    for name in ("absent", "empty", "unset"):
        folder = tmp_path / name
        folder.mkdir(mode=0o700)
        if name == "empty":
            (folder / "accord.sqlite3").touch(mode=0o600)
        if name == "unset":
            for begin in (("keys", "new"), ("manage", "migrate")):
                begun = _accord(*begin, folder=folder, url=empty_url)
                assert begun.returncode == 0, begun.stderr
        before = sorted(folder.iterdir())
        done = _accord("backup", tmp_path / "never", "--to", keys[1], folder=folder, url=empty_url)
        assert done.returncode == 2, (name, done.stdout)
        assert "Check ACCORD_FOLDER and DATABASE_URL" in done.stderr, name
        assert "accord manage setup" in done.stderr
        assert not (tmp_path / "never").exists()
        assert sorted(folder.iterdir()) == before


def test_under_cron_the_file_of_settings_alone_says_where_the_record_is(keys, tmp_path):
    (tmp_path / "accord.env").write_text(f"ACCORD_FOLDER='{tmp_path / 'place'}'\n")
    bare = clinic_environment.without_accord(dict(os.environ))
    bare.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "accord", "backup", str(tmp_path / "never"), "--to", keys[1]],
        env=bare | {"ACCORD_ENV_FILE": str(tmp_path / "accord.env")},
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"no database at {tmp_path / 'place' / 'accord.sqlite3'}" in done.stderr


def test_checking_a_backup_counts_the_rows_of_each_table(made, tmp_path):
    done = _accord("restore", made, "--key", tmp_path / "key", "--check", folder=tmp_path / "site")
    assert done.returncode == 0, done.stderr
    lines = {tuple(line.split()) for line in done.stdout.splitlines()}
    assert (str(CheckIn.objects.count()), "clinic_checkin") in lines
    assert ("1", "clinic_organisation") in lines
    assert ("0", "clinic_group") in lines


def test_a_backup_that_holds_no_record_is_not_called_good(keys, tmp_path):
    """Such as an earlier version made where it found no database."""
    nothing = _written(
        tmp_path / "nothing",
        keys,
        list(archive.lines(archive.Head(connection.vendor, "2026-11-30", "0", ()), [], creation._signature)),
    )
    done = _accord("restore", nothing, "--key", tmp_path / "key", "--check", folder=tmp_path / "site")
    assert done.returncode == 2
    assert "holds no record" in done.stderr


def test_a_backup_that_is_refused_leaves_an_empty_place_empty(made, tmp_path, empty_url):
    whole = made.read_bytes()
    made.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    result = _restore(made, tmp_path, empty_url, "--yes")
    assert result.returncode == 2
    assert "Nothing was restored" in result.stderr
    assert not (tmp_path / "site" / "accord.sqlite3").exists()


def test_a_restore_that_finds_other_rows_than_were_made_leaves_nothing(made, keys, tmp_path, monkeypatch):
    """Planted: the database stores something else than it was given."""
    place = tmp_path / "elsewhere.sqlite3"
    if connection.vendor != "sqlite":
        return
    monkeypatch.setitem(connection.settings_dict, "NAME", str(place))
    connection.close()
    fill = tables.SQLite.fill

    def other(self, table, columns, rows):
        fill(self, table, columns, [row.replace(b"CANARY-ANA", b"CANARY-BEA") for row in rows])

    monkeypatch.setattr(tables.SQLite, "fill", other)
    with pytest.raises(archive.BadBackup, match="clinic_person"):
        restoration.restore(made, keys[0])
    assert not place.exists()
    connection.close()


def test_a_new_key_is_written_once_for_its_owner_and_its_public_half_told(tmp_path):
    result = _accord("backup", "new-key", tmp_path / "k", folder=tmp_path / "site")
    assert result.returncode == 0
    assert result.stdout.startswith("age1")
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0
    assert str(restoration.identity_of(tmp_path / "k").to_public()) == result.stdout.strip()
    assert _accord("backup", "new-key", tmp_path / "k", folder=tmp_path / "site").returncode == 2


@pytest.mark.parametrize(
    "arguments", [("one",), ("new-key",), ("one", "two", "--to", "age1x"), ("new-key", "k", "--to", "x")]
)
def test_a_call_that_is_neither_a_backup_nor_a_key_is_refused(tmp_path, arguments):
    assert _accord("backup", *arguments, folder=tmp_path / "site").returncode == 2


def test_what_is_written_while_a_backup_is_made_is_not_half_in_it(keys, tmp_path, monkeypatch):
    """A contact recorded after the moment, while the rows are being read, is in no table of the backup."""
    world = World()
    names = tables.SQLite.names if connection.vendor == "sqlite" else tables.PostgreSQL.names
    kind = tables.SQLite if connection.vendor == "sqlite" else tables.PostgreSQL

    def meanwhile(self):
        _in_a_thread(lambda: contacts.record(engagement=world.with_lind, day=days_ago(1), by=SYSTEM))
        return names(self)

    monkeypatch.setattr(kind, "names", meanwhile)
    creation.make(tmp_path / "moment", keys[1])
    reader = restoration.Reader()
    restoration._decrypt(tmp_path / "moment", keys[0], reader)
    assert reader.end()["clinic_contact"]["rows"] == 0
    assert world.with_lind.contacts.count() == 1


def _in_a_thread(act):
    import threading

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


# Whose it is


def _forged(made, keys, tmp_path):
    """By somebody who knows the public key and has a site, and so a signing key, of their own."""
    lines = _lines(made, keys)[:-1]
    own = signing.key_of(tmp_path / "invented")
    said = sha256(b"".join(line for line in lines if line.startswith(archive.TELLS))).digest()
    by = {"by": signing.public_of(own), "signature": signing.sign(own, said)}
    return _written(tmp_path / "forged", keys, [*lines, archive._line({"signed": by})])


def test_a_backup_is_signed_by_the_sites_key_which_is_in_no_backup(made, keys):
    head, _ = restoration.check(made, keys[0], creation.signer())
    (of,) = head.organisations
    newest = AuditEvent.objects.order_by("sequence").last()
    assert (of.events, of.digest) == (newest.sequence, newest.digest)
    path = signing.path_in(Path(settings.ACCORD.folder))
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_bytes() not in b"".join(_lines(made, keys))


def test_a_backup_that_another_key_signed_is_refused_by_name(made, keys, tmp_path):
    forged = _forged(made, keys, tmp_path)
    assert restoration.check(forged, keys[0])[0].signed_by != creation.signer()
    with pytest.raises(archive.BadBackup, match="this site did not make it"):
        restoration.check(forged, keys[0], creation.signer())
    with pytest.raises(archive.BadBackup, match="this site did not make it"):
        restoration.restore(forged, keys[0], creation.signer())


def test_a_signature_over_something_else_does_not_hold(made, keys, tmp_path):
    lines = _lines(made, keys)
    planted = {
        "of another moment": [lines[0].replace(b"made_at", b"made_at ", 1), *lines[1:]],
        "of another name": [lines[0].replace(b"Programme", b"Programmf", 1), *lines[1:]],
        "no signature": [*lines[:-1], archive._line({"signed": {}})],
        "two": [*lines, lines[-1]],
        "more rows": [*lines, lines[1]],
    }
    for name, changed in planted.items():
        with pytest.raises(archive.BadBackup):
            restoration.check(_written(tmp_path / name.replace(" ", "-"), keys, changed), keys[0])


def test_a_planted_reader_that_takes_any_signature_would_be_seen(made, keys, tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "is_signed_by", lambda *_: True)
    changed = [_lines(made, keys)[0].replace(b"Programme", b"Programmf", 1), *_lines(made, keys)[1:]]
    restoration.check(_written(tmp_path / "changed", keys, changed), keys[0])


def test_what_a_backup_is_of_is_shown_and_an_unknown_signature_restores_nothing_unasked(
    made, keys, tmp_path, empty_url
):
    refused = _restore(made, tmp_path, empty_url)
    assert refused.returncode == 2
    assert "--signed-by" in refused.stderr
    assert not (tmp_path / "site" / "accord.sqlite3").exists()
    name = restoration.check(made, keys[0])[0].organisations[0].name
    assert f"{name}: audit log of" in refused.stdout
    assert f"signed by {creation.signer()}" in refused.stdout
    wrong = _restore(made, tmp_path, empty_url, "--signed-by", "accord-sign-AAAA", "--yes")
    assert (wrong.returncode, "this site did not make it" in wrong.stderr) == (2, True)
    done = _restore(made, tmp_path, empty_url, "--signed-by", creation.signer())
    assert done.returncode == 0, done.stderr


def test_an_earlier_backup_without_a_signature_is_named_as_one_and_restored_on_a_word(made, keys, tmp_path):
    lines = _lines(made, keys)[:-1]
    content = archive.about(lines[0])
    content["accord-backup"] = archive.UNSIGNED
    del content["organisations"]
    earlier = _written(tmp_path / "earlier", keys, [archive._line(content), *lines[1:]])
    head, _ = restoration.check(earlier, keys[0])
    assert (head.signed_by, head.organisations) == ("", ())
    told = _accord("restore", earlier, "--key", tmp_path / "key", "--check", folder=tmp_path / "site")
    assert "not signed: anybody could have made it" in told.stdout
    with pytest.raises(archive.BadBackup, match="no signature"):
        restoration.check(earlier, keys[0], creation.signer())
