"""Simulated episodes and events fit the simulated ratings, and their files read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from accord.__main__ import main
from accord.exchange.episodes_csv import read_episodes
from accord.exchange.events_csv import read_events
from accord.records.care import END_REASONS, EndReason
from accord.records.ratings import NO_DAY

LEFT, ONGOING = END_REASONS.index(EndReason.LEFT), END_REASONS.index(EndReason.ONGOING)


def last_days(simulated):
    last = np.full(len(simulated.ratings.clients), NO_DAY)
    np.maximum.at(last, simulated.ratings.client, simulated.ratings.day)
    return last[simulated.episodes.client]


@pytest.mark.parametrize("scenario", ["programme", "residential", "null", "textbook"])
def test_each_client_with_contacts_has_one_episode_from_the_first_contact_to_the_last(run, scenario):
    simulated = run(scenario, 200, 30)
    episodes, ratings = simulated.episodes, simulated.ratings
    assert episodes.client.tolist() == np.unique(ratings.client).tolist()
    first = np.full(len(ratings.clients), np.iinfo(np.int32).max)
    np.minimum.at(first, ratings.client, ratings.day)
    assert np.array_equal(episodes.start, first[episodes.client])
    ended = episodes.end_reason != ONGOING
    assert np.array_equal(episodes.end[ended], last_days(simulated)[ended])
    assert (episodes.end[~ended] == NO_DAY).all()


def test_who_left_in_the_truth_left_in_the_episodes(run):
    simulated = run("programme", 400, 52)
    episodes, truth = simulated.episodes, simulated.truth
    left = episodes.client[episodes.end_reason == LEFT]
    assert set(left.tolist()) == set(truth.client[truth.left == 1].tolist())
    assert 0.2 < len(left) / len(episodes) < 0.35


@pytest.mark.parametrize("scenario", ["programme", "residential"])
def test_events_fall_into_the_episode_of_their_client(run, scenario):
    simulated = run(scenario, 300, 52)
    episodes, events = simulated.episodes, simulated.events
    place = np.searchsorted(episodes.client, events.client)
    assert np.array_equal(episodes.client[place], events.client)
    assert (events.day >= episodes.start[place]).all()
    assert (events.day <= last_days(simulated)[place]).all()


def test_the_written_files_read_back_and_agree_with_each_other(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["simulate", "--scenario", "programme", "--clients", "30", "--out", "r.csv", "--truth", "t.csv"]
    assert main([*words, "--episodes", "p.csv", "--events", "e.csv"]) == 0
    episodes = read_episodes("p.csv").table
    events = read_events("e.csv", clients=episodes.clients).table
    assert (len(episodes), episodes.arms) == (30, ("programme",))
    assert {"self-injury", "diary"} <= set(events.kinds)
    assert {path.name for path in tmp_path.iterdir()} == {"r.csv", "t.csv", "p.csv", "e.csv"}


def test_events_of_a_scenario_that_has_none_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["simulate", "--scenario", "textbook", "--clients", "3", "--out", "r.csv", "--events", "e.csv"]
    assert main(words) == 2
    assert "--events: found textbook" in capsys.readouterr().err
    assert main([*words[:-1], "r.csv"]) == 2
    assert "another name than --out" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
