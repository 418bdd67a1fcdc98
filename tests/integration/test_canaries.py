"""In every sealed place a canary; then every page, log, dump and file is searched for it in clear text."""

from __future__ import annotations

import io
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.urls import get_resolver, reverse

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.encryption import envelope, factor_secrets, field
from accord.clinic.encryption.field import SealedField
from accord.clinic.models import LineSharing, OwnLine, Person, PersonCheck, SealedText
from accord.clinic.models.reaction import ReactionSharing
from accord.clinic.programme.imports import uploads
from accord.clinic.site.keys import HOLDING
from tests.support import postgres
from tests.support.imports import confirm
from tests.support.world import World, days_ago, fill_with_line, signed_in

LINES = {audience: f"CANARY-LINE-{audience.upper()}" for audience in LineSharing.Audience.values}
REACTION = "CANARY-REACTION-NOTE"
APP_SECRET = "CANARYAPPSECRET" + "A" * 17  # in base32, as apps take it
CODES_SEED = "CANARY-SEED-OF-RECOVERY-CODES"
UPLOADED = "CANARY-OF-A-FILE-THAT-WAITS"
CHECK = "CANARY-OF-A-CHECK"  # of a client, in an imported file
LEFT_OUT = "CANARY-OF-A-ROW-LEFT-OUT"  # which holds a safety answer
CANARIES = [*LINES.values(), REACTION, APP_SECRET, CODES_SEED, UPLOADED, CHECK, LEFT_OUT]

# Every column of text that is not sealed, reviewed: names, codes and words from lists, and no free text.
REVIEWED = {
    "Account": {"email", "password"},
    "Assessment": {"instrument", "instrument_version", "method_version", "rater"},
    "AuditEvent": {"action", "actor_kind", "digest", "previous", "relation", "subject_type"},
    "AuditHead": {"digest"},
    "CareEpisode": {"method_words"},  # the name of a method of treatment
    "CheckIn": {"body_hash", "instrument", "instrument_version"},
    "ConfirmedCode": {"code"},
    "DutyShift": {"name", "number", "zone"},  # whom clients may call, for all of them to read
    "Event": {"kind"},  # a word from the list, or the site's own name of a kind
    "Flag": {"facts", "method_version"},
    "Group": {"name"},
    "Heartbeat": {"name"},
    "ImportBatch": {"filename", "sha256", "source"},
    "JobState": {"claimed_by", "key", "last_trouble", "name"},  # ids, and the kind of an error
    "LeftOutAnswer": {"instrument"},
    "Organisation": {"name"},
    "Overview": {"version"},
    "Person": {"code", "name"},
    "Population": {"instrument", "rater"},
    "SafetyRead": {"read_by"},
    "Scale": {"name"},
    "SealedReaction": {"field", "table"},
    "SealedText": {"field", "table"},
    "Team": {"name"},
    "Worker": {"name"},
}


class Wrote(World):
    """Everything that people can write in their own words, written once."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = {
            audience: fill_with_line(self.with_lind, words, audience) for audience, words in LINES.items()
        }
        self.reaction = reactions.keep(
            reaction_id=uuid4(), engagement=self.with_lind, answers={1: 4}, note=REACTION, by=self.lind
        )
        self.sharing = reactions.share(reaction=self.reaction, person=self.ito, by=self.lind)
        give_factors(self.lind)
        self.upload = uploads.hold(
            chunks=[f"client,score\n{UPLOADED},1\n".encode()], filename=f"{UPLOADED}.csv", by=self.lead,
            team=self.first.pk, clinician=None, scale=None,
        )  # fmt: skip

        items = "".join(f",item_{number}" for number in range(1, 10))
        head, answers = f"client,clinician,session,date,instrument,check{items}", ",1" * 9
        rows = [
            f"code-CANARY-ANA,code-Lind,70,,PHQ-9,{CHECK}{answers}",
            f"code-CANARY-ANA,code-Lind,71,no day,PHQ-9,{LEFT_OUT}{answers}",
        ]
        imported = uploads.hold(
            chunks=["\n".join([head, *rows]).encode()], filename="x.csv", by=self.lead, team=self.first.pk,
            clinician=None, scale=None,
        )  # fmt: skip
        self.batch = confirm(imported, self.lead)
        assert SealedText.texts(PersonCheck.objects.all(), "check").keys()


def give_factors(person: Person) -> None:
    """An authenticator app and recovery codes, made as allauth makes them, of secrets to search for."""
    signed_in(person)
    Authenticator.objects.filter(user=person.account).delete()
    TOTP.activate(person.account, APP_SECRET)
    with mock.patch.object(RecoveryCodes, "generate_seed", return_value=CODES_SEED):
        RecoveryCodes.activate(person.account)


def _free_text(model: type[models.Model]) -> set[str]:
    kinds = (models.CharField, models.TextField)
    return {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, kinds)
        and not isinstance(field, SealedField)
        and not getattr(field, "choices", None)
    }


def test_every_column_of_text_is_sealed_or_reviewed():
    for model in apps.get_app_config("clinic").get_models():
        new = _free_text(model) - REVIEWED.get(model.__name__, set())
        assert not new, f"{model.__name__}.{sorted(new)}: seal it, or say here why it is no free text"


def test_a_planted_column_of_free_text_is_found():
    class Diary(models.Model):
        words = models.TextField()

        class Meta:
            app_label = "planted"

    assert _free_text(Diary) == {"words"}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, down to DEBUG, with every statement that goes to the database."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    loggers = [logging.getLogger(name) for name in ("", "django", "django.db.backends", "accord")]
    before = [logger.level for logger in loggers]
    for item in loggers:
        item.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    logging.getLogger("django").addHandler(handler)
    connection.force_debug_cursor = True
    yield text
    connection.force_debug_cursor = False
    for item, level in zip(loggers, before, strict=True):
        item.setLevel(level)
    logging.getLogger().removeHandler(handler)
    logging.getLogger("django").removeHandler(handler)


def _found(text: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in text]


def _walk(world: Wrote) -> None:
    """The site in use: each page that shows or takes such words, by whom it is for, and some that fail."""
    lind, ana = signed_in(world.lind), signed_in(world.ana)
    for address in (
        "/worklist/",
        f"/clients/{world.ana.pk}/",
        "/reactions/",
        f"/reactions/{world.reaction.pk}/",
    ):
        assert lind.get(address).status_code == 200
    assert LINES["clinician"] in lind.get(f"/lines/{world.lines['clinician'].pk}/").content.decode()
    assert REACTION in lind.get("/reactions/").content.decode()
    assert all(words in ana.get("/forms/lines/").content.decode() for words in LINES.values())
    own_notes.share(line=world.lines["only_me"], audience="clinician", by=world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    for sent in (
        {"line_text": LINES["only_me"]},
        {"line_text": LINES["only_me"], "item_1": "99"},
        {"line_text": "x"},
    ):
        ana.post(f"/c/{token}/", {"checkin_id": str(uuid4()), **sent})
    address = f"/engagements/{world.with_lind.pk}/reactions/"
    about = lind.get(address).context["form"]["about"].value()
    for item in ("4", "99"):
        lind.post(address, {"checkin_id": str(uuid4()), "about": about, "item_1": item, "note": REACTION})
    signed_in(world.stranger).get(f"/lines/{world.lines['clinician'].pk}/")


def _on_disk() -> list[Path]:
    """Every file of the site but its keys; of PostgreSQL its whole data folder."""
    files = [path for path in Path(settings.ACCORD.folder).rglob("*") if path.is_file()]
    return [path for path in files if "static" not in path.parts]


def _dumped() -> bytes:
    """The database as a person would take it away: as SQL on SQLite, by pg_dump on PostgreSQL."""
    if connection.vendor == "sqlite":
        return "\n".join(connection.connection.iterdump()).encode()
    result = connection.settings_dict
    command = [
        str(postgres.binaries() / "pg_dump"), "--host", result["HOST"], "--port", str(result["PORT"]),
        "--username", result["USER"], result["NAME"],
    ]  # fmt: skip
    done = subprocess.run(command, env={"PGPASSWORD": result["PASSWORD"]}, capture_output=True, check=True)
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_no_word_is_in_clear_text_in_the_database_its_files_the_log_the_audit_or_a_dump(logged):
    _walk(Wrote())
    assert "UPDATE" in logged.getvalue()  # the statements are in it
    assert _found(logged.getvalue().encode()) == []
    dumped = _dumped()
    assert b"CANARY-ANA" in dumped  # a name, which is not sealed: the search does find what is there
    assert _found(dumped) == []
    out = io.StringIO()
    call_command("dumpdata", stdout=out)
    assert "CANARY-ANA" in out.getvalue()
    assert _found(out.getvalue().encode()) == []
    files = _on_disk()
    for path in files:
        assert _found(path.read_bytes()) == [], path
    if connection.vendor == "sqlite":
        assert any(b"CANARY-ANA" in path.read_bytes() for path in files)


@pytest.mark.django_db
def test_the_words_of_a_sealed_text_do_not_show_when_a_program_prints_what_it_holds(caplog):
    """Django's templates log their whole context, at DEBUG, for a name that they do not find."""
    world = Wrote()
    words = SealedText.texts(list(world.lines.values()), "text")
    assert set(words.values()) == set(LINES.values())
    assert _found(repr(words).encode()) == []
    assert _found(repr(own_notes.read(line_id=world.lines["clinician"].pk, by=world.lind)).encode()) == []


@pytest.mark.django_db(transaction=True)
def test_a_field_that_forgets_to_seal_is_found_by_the_same_search(monkeypatch):
    monkeypatch.setattr(field, "seal", lambda text, ring, _: f"a1.{ring.current}.{text}")
    fill_with_line(World().with_lind, LINES["clinician"], "clinician")
    assert _found(_dumped()) == [LINES["clinician"]]


@pytest.mark.django_db(transaction=True)
def test_secrets_of_second_factors_that_are_not_sealed_are_found_by_the_same_search(monkeypatch):
    monkeypatch.setattr(factor_secrets, "seal", lambda secret: secret)
    give_factors(World().lind)
    assert _found(_dumped()) == [APP_SECRET, CODES_SEED]


@pytest.mark.django_db
def test_the_sealed_secrets_of_second_factors_open_to_what_they_were():
    world = World()
    give_factors(world.lind)
    stored = Authenticator.objects.filter(user=world.lind.account).order_by("pk")
    result = [decrypt(factor.data.get("secret") or factor.data["seed"]) for factor in stored]
    assert result == [APP_SECRET, CODES_SEED]


# Whose page may hold which words, everybody else's none.
MAY_SEE = {
    "ana": set(LINES.values()),
    "lind": {LINES["clinician"], LINES["readers"], REACTION},
    "ito": {LINES["readers"], REACTION},
    "supervisor": {LINES["readers"]},
    "lead": {LEFT_OUT},
}
EVERYBODY = ("ana", "ben", "lind", "ito", "okafor", "supervisor", "lead", "stranger", None)


def _addresses(world: Wrote) -> Iterator[str]:
    """Every address of the site with every row that is about these words."""
    known: dict[str, list[Any]] = {
        "client_id": [world.ana.pk],
        "batch_id": [world.batch.pk],
        "engagement_id": [world.with_lind.pk, world.with_ito.pk],
        "line_id": [line.pk for line in world.lines.values()],
        "reaction_id": [world.reaction.pk],
        "sharing_id": [world.sharing.pk],
        "person_id": [world.ana.pk, world.lind.pk],
        "session_id": [1],
        "pk": [1],
    }
    for pattern in get_resolver().url_patterns:
        wanted = list(pattern.pattern.converters)
        if not wanted:
            yield reverse(pattern.name)
        elif len(wanted) == 1:
            for value in known.get(wanted[0], [uuid4()] if wanted[0] != "token" else ["no-token"]):
                yield reverse(pattern.name, kwargs={wanted[0]: value})


@pytest.mark.django_db
@pytest.mark.parametrize("name", EVERYBODY)
def test_every_address_shows_each_word_to_those_it_is_for_and_to_nobody_else(name):
    world = Wrote()
    browser = signed_in(getattr(world, name) if name else None)
    seen: set[str] = set()
    for address in _addresses(world):
        for method in ("get", "post", "put", "delete"):
            if method == "post" and address in [
                reverse(name) for name in ("account_logout", "leave", "lock")
            ]:
                continue
            answer = getattr(browser, method)(address)
            text = answer.content + str(answer.headers).encode()
            seen |= set(_found(text))
    assert seen == MAY_SEE.get(name or "", set())


@pytest.mark.django_db
def test_of_many_rows_whose_texts_are_exchanged_none_opens():
    """Each stored text put into the next row's place, in the database itself."""
    world = World()
    made = [fill_with_line(world.with_lind, f"CANARY {n}", "clinician") for n in range(12)]
    rows = {row.row: row for row in SealedText.objects.all()}
    stored = [str(rows[line.pk].stored) for line in made]
    for at, line in enumerate(made):
        with connection.cursor() as cursor:
            pk = rows[line.pk].pk
            cursor.execute(
                "UPDATE clinic_sealedtext SET content = %s WHERE id = %s",
                [stored[at - 1], pk.hex if connection.vendor == "sqlite" else pk],
            )
    assert set(SealedText.texts(OwnLine.objects.all(), "text").values()) == {None}


@pytest.mark.django_db
def test_texts_that_are_not_bound_to_their_row_would_open_after_an_exchange(monkeypatch):
    """The planted fault of the test above."""
    monkeypatch.setattr(envelope, "_bound", lambda ring, *_: ring.name.encode())
    with pytest.raises(AssertionError):
        test_of_many_rows_whose_texts_are_exchanged_none_opens()


def test_every_table_of_sealed_text_is_one_that_rotation_knows():
    holding = {
        model
        for model in apps.get_app_config("clinic").get_models()
        if any(isinstance(field, SealedField) for field in model._meta.get_fields())
    }
    assert holding == set(HOLDING)
    assert not any(isinstance(field, SealedField) for field in ReactionSharing._meta.get_fields())
