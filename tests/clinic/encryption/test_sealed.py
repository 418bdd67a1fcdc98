"""Free text is stored sealed: under a ring of keys, bound to its place, and opened nowhere else."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accord.clinic.encryption import envelope, rings
from accord.clinic.encryption.envelope import CannotRead, Place, seal, unseal
from accord.clinic.encryption.field import Ciphertext, ring_of
from accord.clinic.encryption.rings import RingName
from accord.clinic.models import FactIsFixed, Organisation, SealedText
from accord.clinic.models.sealed import SealedReaction
from tests.support.world import World

WORDS = "CANARY-SEALED said it plainly"
PLACE = Place("clinic_note", uuid4(), "text", uuid4(), uuid4())


@dataclass(frozen=True)
class _Meta:
    db_table: str = "clinic_note"


@dataclass
class Note:
    """A fact with a sealed text, as a noun would have it."""

    pk: UUID
    organisation_id: UUID
    sealed_client: UUID
    sealed_owner: UUID | None = None
    _meta: ClassVar[Any] = _Meta()


@pytest.fixture
def note(db) -> Note:
    return Note(uuid4(), Organisation.objects.create(name="One").pk, uuid4())


@pytest.fixture
def site_keys(settings, tmp_path) -> Iterator[Any]:
    """Rings of this test's own."""
    settings.ACCORD = replace(settings.ACCORD, folder=tmp_path)
    rings.make_missing(tmp_path)
    return tmp_path


def raw(model: Any = SealedText) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT content FROM {model._meta.db_table}")
        return [row[0] for row in cursor.fetchall()]


def plant(sealed: str, model: Any = SealedText, pk: Any = None) -> None:
    """Writes a stored value as somebody with the database in hand would."""
    with connection.cursor() as cursor:
        where = "" if pk is None else " WHERE id = %s"
        value = [] if pk is None else [pk.hex if connection.vendor == "sqlite" else pk]
        cursor.execute(f"UPDATE {model._meta.db_table} SET content = %s{where}", [sealed, *value])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=600))
def test_every_text_comes_back_as_it_was(text):
    ring = ring_of(RingName.TEXT)
    assert unseal(seal(text, ring, PLACE), ring, PLACE) == text


def test_the_same_words_are_never_sealed_alike_and_their_length_is_covered():
    ring = ring_of(RingName.TEXT)
    sealed = {
        seal(text, ring, PLACE) for text in ["yes"] * 50 + ["no, and I will say why: " + "x" * 200] * 50
    }
    assert len(sealed) == 100
    assert len({len(note) for note in sealed}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"table": "clinic_other"},
        {"row": uuid4()},
        {"field": "note"},
        {"client": uuid4()},
        {"client": None},
        {"owner": uuid4()},
        {"owner": None},
    ],
    ids=["table", "row", "field", "client", "no client", "owner", "no owner"],
)
def test_in_another_place_a_text_does_not_open(change):
    ring = ring_of(RingName.TEXT)
    sealed = seal(WORDS, ring, PLACE)
    with pytest.raises(CannotRead) as refusal:
        unseal(sealed, ring, replace(PLACE, **change))
    assert WORDS not in str(refusal.value)


def test_with_any_byte_changed_or_cut_off_a_text_does_not_open():
    ring = ring_of(RingName.TEXT)
    sealed = seal(WORDS, ring, PLACE)
    for at in range(len(sealed)):
        other = "A" if sealed[at] != "A" else "B"
        for bad in (sealed[:at] + other + sealed[at + 1 :], sealed[:at]):
            with pytest.raises(CannotRead):
                unseal(bad, ring, PLACE)


def test_the_other_ring_does_not_open_it():
    with pytest.raises(CannotRead):
        unseal(seal(WORDS, ring_of(RingName.TEXT), PLACE), ring_of(RingName.REACTIONS), PLACE)


def test_it_is_aes_256_gcm_with_a_nonce_of_96_bits_as_another_hand_writes_it():
    """Opened by the cipher alone, from the documented form and nothing of ours."""
    import base64
    import json

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    ring = ring_of(RingName.TEXT)
    version, key_id, body = seal(WORDS, ring, PLACE).split(".")
    whole = base64.b64decode(body)
    nonce, tag = whole[:12], whole[-16:]
    opening = Cipher(algorithms.AES256(ring.keys[key_id].secret), modes.GCM(nonce, tag)).decryptor()
    bound = ["a1", "text", key_id, "clinic_note", "text", *map(str, (PLACE.row, PLACE.client, PLACE.owner))]
    opening.authenticate_additional_data(json.dumps(bound).encode())
    clear = opening.update(whole[12:-16]) + opening.finalize()
    assert (version, clear) == ("a1", (WORDS.encode() + b"\x80").ljust(256, b"\0"))


def test_a_text_that_is_not_bound_to_its_row_is_caught(monkeypatch):
    """The planted fault of the swaps below: without the row in what is authenticated they would open."""
    ring = ring_of(RingName.TEXT)
    bound = envelope._bound
    monkeypatch.setattr(
        envelope, "_bound", lambda r, key, place: bound(r, key, replace(place, row=UUID(int=0)))
    )
    assert unseal(seal(WORDS, ring, PLACE), ring, replace(PLACE, row=uuid4())) == WORDS
    assert _opened_after_swaps(20) > 0


def _opened_after_swaps(number: int) -> int:
    """Ciphertexts of `number` rows, each tried in the next row's place: how many open."""
    ring = ring_of(RingName.TEXT)
    places = [replace(PLACE, row=uuid4()) for _ in range(number)]
    sealed = [seal(WORDS, ring, place) for place in places]
    opened = 0
    for at in range(number):
        try:
            unseal(sealed[at], ring, places[(at + 1) % number])
            opened += 1
        except CannotRead:
            pass
    return opened


def test_of_ten_thousand_texts_moved_to_another_row_none_opens():
    assert _opened_after_swaps(10_000) == 0


def test_the_database_holds_no_clear_text_and_the_row_gives_it_back(note):
    SealedText.about(note, "text", WORDS).save()
    (stored,) = raw()
    assert "CANARY" not in stored
    assert stored.startswith(f"a1.{ring_of(RingName.TEXT).current}.")
    assert SealedText.objects.get().content == WORDS
    assert SealedText.texts([note], "text") == {note.pk: WORDS}


def test_many_rows_at_once_are_sealed_too(note):
    notes = [replace(note, pk=uuid4()) for _ in range(5)]
    SealedText.objects.bulk_create(
        SealedText.about(note, "text", f"{WORDS} {at}") for at, note in enumerate(notes)
    )
    assert not any("CANARY" in stored for stored in raw())
    assert SealedText.texts(notes, "text") == {note.pk: f"{WORDS} {at}" for at, note in enumerate(notes)}


@pytest.mark.parametrize(
    "look", ["content", "content__icontains", "content__startswith", "content__isnull", "content__in"]
)
def test_no_query_looks_into_sealed_text(db, look):
    with pytest.raises(FieldError):
        SealedText.objects.filter(**{look: True if look.endswith("isnull") else WORDS}).count()


def test_clear_text_never_leaves_by_values_pickles_or_dumps(note):
    SealedText.about(note, "text", WORDS).save()
    row = SealedText.objects.get()
    assert row.content == WORDS  # opening it leaves nothing behind
    for shown in (
        pickle.dumps(row),
        repr(row.__dict__).encode(),
        serializers.serialize("json", [row]).encode(),
        str(list(SealedText.objects.values())).encode(),
        repr(ring_of(RingName.TEXT)).encode(),
    ):
        assert b"CANARY" not in shown
    for key in ring_of(RingName.TEXT).keys.values():
        assert key.secret not in pickle.dumps(row)
        assert repr(key.secret) not in repr(ring_of(RingName.TEXT))


def test_a_sealed_text_cannot_be_edited_or_deleted_by_any_ordinary_path(note):
    SealedText.about(note, "text", WORDS).save()
    row = SealedText.objects.get()
    row.content = "other words"
    for attempt in (
        row.save,
        row.delete,
        SealedText.objects.all().delete,
        lambda: SealedText.objects.update(wrapped=1),
        lambda: SealedText.objects.bulk_update([row], ["content"]),
    ):
        with pytest.raises(FactIsFixed):
            attempt()
    assert SealedText.objects.get().content == WORDS


def test_one_fact_has_one_text_of_a_name(note):
    SealedText.about(note, "text", WORDS).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedText.about(note, "text", "other words").save()


def _told(caplog) -> str:
    return "\n".join(record.getMessage() for record in caplog.records)


def _damage(kind: str, note: Note, folder: Any) -> Note:
    """What can go wrong with a stored text; gives the fact to read it for."""
    path = rings.path_of(folder, RingName.TEXT)
    stored = raw()[0]
    if kind == "changed byte":
        plant(stored[:-5] + ("A" if stored[-5] != "A" else "B") + stored[-4:])
    elif kind == "clear text":
        plant(WORDS)
    elif kind == "empty":
        plant("")
    elif kind == "no key file":
        path.unlink()
    elif kind == "key file open to others":
        path.chmod(0o644)
    elif kind == "damaged key file":
        path.write_text(path.read_text().replace("current", "curent"))
    elif kind == "other keys":
        path.unlink()
        rings.make(folder, RingName.TEXT)
    elif kind == "other client":
        return replace(note, sealed_client=uuid4())
    elif kind == "no row":
        return replace(note, pk=uuid4())
    return note


DAMAGES = (
    "changed byte", "clear text", "empty", "no key file", "key file open to others", "damaged key file",
    "other keys", "other client", "no row",
)  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_cannot_be_read_says_so_to_the_log_without_content_and_is_never_empty(
    note, site_keys, caplog, kind
):
    SealedText.about(note, "text", WORDS).save()
    asked = _damage(kind, note, site_keys)
    with caplog.at_level(logging.DEBUG):
        assert SealedText.texts([asked], "text") == {asked.pk: None}
    assert "cannot be read" in _told(caplog)
    assert str(asked.pk) in _told(caplog)
    assert "CANARY" not in _told(caplog)


def test_a_text_swapped_between_two_clients_opens_for_neither(note, caplog):
    other = replace(note, pk=uuid4(), sealed_client=uuid4())
    for item, words in ((note, "CANARY-ONE"), (other, "CANARY-TWO")):
        SealedText.about(item, "text", words).save()
    item, two = (SealedText.objects.get(row=which.pk) for which in (note, other))
    plant(str(two.stored), pk=item.pk)
    plant(str(item.stored), pk=two.pk)
    assert SealedText.texts([note, other], "text") == {note.pk: None, other.pk: None}


def test_a_reaction_does_not_open_for_another_author(note):
    mine = replace(note, sealed_owner=uuid4())
    SealedReaction.about(mine, "answers", WORDS).save()
    assert SealedReaction.texts([mine], "answers") == {mine.pk: WORDS}
    assert SealedReaction.texts([replace(mine, sealed_owner=uuid4())], "answers") == {mine.pk: None}


def test_without_keys_nothing_is_stored(note, site_keys):
    rings.path_of(site_keys, RingName.TEXT).unlink()
    with pytest.raises(rings.KeyProblem), transaction.atomic():
        SealedText.about(note, "text", WORDS).save()
    assert raw() == []


def test_a_running_site_takes_up_a_new_key_without_a_restart(note, site_keys):
    SealedText.about(note, "text", WORDS).save()
    before = ring_of(RingName.TEXT).current
    rings.add(site_keys, RingName.TEXT)
    later = replace(note, pk=uuid4())
    SealedText.about(later, "text", WORDS).save()
    assert {envelope.key_of(note) for note in raw()} == {before, ring_of(RingName.TEXT).current}
    assert set(SealedText.texts([note, later], "text").values()) == {WORDS}


def test_the_two_rings_are_apart_and_apart_from_the_key_that_signs():
    text, reactions = (ring_of(name) for name in RingName)
    secrets = {key.secret for ring in (text, reactions) for key in ring.keys.values()}
    assert len(secrets) == len(text.keys) + len(reactions.keys)
    assert not any(secret in settings.SECRET_KEY.encode() for secret in secrets)


def test_a_row_of_sealed_text_goes_with_every_new_world(db):
    """The tables are there on both databases, beside people's rows."""
    world = World()
    note = Note(uuid4(), world.organisation.pk, world.ana.pk)
    numbers = count()
    SealedText.objects.bulk_create(SealedText.about(note, f"field {next(numbers)}", WORDS) for _ in range(3))
    assert SealedText.objects.filter(client=world.ana.pk).count() == 3
    assert isinstance(SealedText.objects.first().stored, Ciphertext)
