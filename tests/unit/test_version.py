"""The version is written in pyproject.toml, and whatever repeats it agrees."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import accord

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def cited(text: str, key: str) -> str:
    """The value of a top-level key in CITATION.cff. Raises `KeyError` where it is missing."""
    result = re.search(rf'(?m)^{key}: "?(.*?)"?$', text)
    if result is None:
        raise KeyError(key)
    return result.group(1)


def test_the_citation_names_the_version_the_licence_and_the_authors():
    text = (ROOT / "CITATION.cff").read_text()
    assert cited(text, "cff-version") == "1.2.0"
    assert cited(text, "version") == PROJECT["version"]
    assert cited(text, "license") == PROJECT["license"]
    assert cited(text, "title") == PROJECT["name"]
    assert '- name: "The accord authors"' in text


def test_the_package_tells_its_version():
    assert accord.__version__ == PROJECT["version"]


def test_no_module_repeats_the_version():
    said = f'"{PROJECT["version"]}"'
    assert [str(path) for path in (ROOT / "src").rglob("*.py") if said in path.read_text()] == []


def test_the_owner_of_the_licence_is_named_in_the_notice_and_in_the_package():
    assert "Copyright 2026 the accord authors" in (ROOT / "NOTICE").read_text()
    assert PROJECT["authors"] == [{"name": "The accord authors"}]
    assert "NOTICE" in PROJECT["license-files"]


def test_a_citation_of_another_version_is_noticed():
    assert cited("version: 9.9.9\n", "version") != PROJECT["version"]
    with pytest.raises(KeyError):
        cited("cff-version: 1.2.0\n", "version")
