"""The rule for commit messages notices what breaks it, and manages without a history."""

from __future__ import annotations

import subprocess

import pytest

from tools import commit_messages

GOOD = "clinic: keep import previews in the database\n\nTwo servers share them now."


@pytest.mark.parametrize(
    "message",
    [
        GOOD,
        "docs: say how a release is made",
        "science/tracker: bring the filter into a folder",
        "Merge branch 'x'",
    ],
)
def test_a_message_with_an_area_and_an_imperative_is_accepted(message):
    assert commit_messages.faults(message) == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("Names", "no `area: summary`"),
        ("clinic: " + "a" * 65, "73 characters"),
        ("clinic: keep previews.", "a full stop"),
        ("clinic: keep previews\nbecause of two servers", "no empty line"),
        ("clinic: kept previews\n", None),
        ("clinic: added previews", "the first word 'added'"),
        ("clinic: adding previews", "the first word 'adding'"),
    ],
)
def test_a_message_that_breaks_the_rule_is_noticed(message, fault):
    faults = commit_messages.faults(message)
    assert any(fault in item for item in faults) if fault else faults == []


def git(folder, *arguments):
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A repository with an old message, the rule, and one commit after it."""
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "Names")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "commit_messages.py").write_text("")
    git(tmp_path, "add", "tools")
    git(tmp_path, "commit", "-m", "tools: check commit messages")
    git(tmp_path, "commit", "--allow-empty", "-m", GOOD)
    return tmp_path


def test_only_commits_after_the_rule_are_checked(repository):
    assert [text.strip() for text in commit_messages.messages(repository).values()] == [GOOD]


def test_a_bad_message_in_the_history_is_found(repository, monkeypatch):
    git(repository, "commit", "--allow-empty", "-m", "More names")
    monkeypatch.setattr(commit_messages, "messages", lambda read=commit_messages.messages: read(repository))
    assert commit_messages.main() == 1


def test_a_shallow_clone_checks_what_it_has(repository, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy") / "clone"
    git(repository, "clone", "--depth", "1", repository.as_uri(), str(copy))
    assert set(commit_messages.messages(copy).values()) <= {GOOD, GOOD + "\n"}


def test_a_folder_without_a_history_has_no_messages(tmp_path):
    assert commit_messages.messages(tmp_path) == {}
