"""No file is written to the disk for somebody who was not asked for one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files import uploadedfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from accord.clinic.web import file_parts
from tests.support.world import World, signed_in, signed_in_again

pytestmark = pytest.mark.django_db
MARK = b"CANARY-IN-A-FILE "
ID = "3a7e0c86-1b2c-4d5e-8f90-a1b2c3d4e5f6"


@pytest.fixture
def written(settings, monkeypatch) -> list[str]:
    """The folder of each file that an upload is written to; none stays in memory."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    folders: list[str] = []
    real = tempfile.NamedTemporaryFile

    def noted(**asked):
        folders.append(str(asked.get("dir")))
        return real(**asked)

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", noted)
    return folders


def _addresses() -> Iterator[str]:
    values = {"token": "x", "session_id": 7, "pk": 7}
    for pattern in get_resolver().url_patterns:
        yield reverse(
            pattern.name, kwargs={name: values.get(name, ID) for name in pattern.pattern.converters}
        )


def _file(size: int = 200_000) -> SimpleUploadedFile:
    return SimpleUploadedFile("file.csv", (MARK * (size // len(MARK) + 1))[:size])


def _sends_to_every_address(browser: Client) -> int:
    browser.raise_request_exception = False
    addresses = [address for address in _addresses() if address != reverse("account_logout")]
    for address in addresses:
        browser.post(address, {"file": _file(), "login": "a@test.example", "password": "a password"})
    return len(addresses)


def test_no_address_takes_a_file_from_a_stranger(written):
    assert _sends_to_every_address(Client()) > 60
    assert written == []


def test_only_the_import_takes_a_file_and_inside_the_sites_folder(written):
    world = World()
    assert list(file_parts.addresses()) == [reverse("import-new")]
    _sends_to_every_address(signed_in(world.ana))
    assert set(written) <= {str(django_settings.FILE_UPLOAD_TEMP_DIR)}
    written.clear()
    signed_in_again(world.lead).post(reverse("import-new"), {"file": _file(), "what": "ratings"})
    assert written == [str(django_settings.FILE_UPLOAD_TEMP_DIR)]
    assert Path(django_settings.FILE_UPLOAD_TEMP_DIR).parent == Path(django_settings.ACCORD.folder)
    assert Path(django_settings.FILE_UPLOAD_TEMP_DIR).stat().st_mode & 0o777 == 0o700


def test_a_handler_that_takes_every_file_is_noticed(written, settings):
    """Planted fault: Django's own handlers alone."""
    settings.FILE_UPLOAD_HANDLERS = settings.FILE_UPLOAD_HANDLERS[1:]
    Client().post(reverse("account_login"), {"file": _file()})
    assert len(written) == 1


def test_a_file_is_written_up_to_its_limit_and_the_page_says_how_large_one_may_be(settings, monkeypatch):
    settings.IMPORT_LIMIT, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024, 0
    sizes: list[int] = []
    real = uploadedfile.TemporaryUploadedFile.close

    def noted(file):
        sizes.append(Path(file.temporary_file_path()).stat().st_size)
        return real(file)

    monkeypatch.setattr(uploadedfile.TemporaryUploadedFile, "close", noted)
    sent = {"file": _file(4 * 1024 * 1024), "what": "ratings", "source": "survey tool"}
    page = signed_in_again(World().lead).post(reverse("import-new"), sent)
    assert page.status_code == 400
    assert "file" in page.context["form"].errors
    assert 'value="survey tool"' in page.content.decode(), "what else was typed stays"
    assert sizes
    assert max(sizes) <= 1024 * 1024 + 2 * 64 * 1024
