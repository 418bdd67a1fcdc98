"""Passwords that somebody guesses first are refused, and others are not."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.models import Account
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.people import actions as people
from tests.support.world import World

MINE = Account(email="ana.muster@clinic.example")
EASY = (
    "aaaaaaaaaaaa", "aaaaaaaaaaaab", "123456789012", "210987654321", "accord accord", "abcabcabcabc",
    "............", "qwertyuiopas", "abcdefghijkl", "1234567890qwertyuiop", "ana.muster@clinic.example",
    "AnaMuster2026", "anamusterclinic", "ana.muster123", "muster-muster-ana", "passwordpassword",
)  # fmt: skip
GOOD = (
    "a-long-one-of-my-own", "correct horse battery", "Kleiner Bär am Meer", "12 grapes, 7 figs",
    "x9$Lm2!qRt7&", "banana anabasis wool", "another-long-one", "rain before seven", "Ana likes green rivers",
)  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, MINE)


@pytest.mark.parametrize("password", GOOD)
def test_a_password_of_ones_own_is_taken(password):
    validate_password(password, MINE)


@pytest.mark.django_db
def test_it_is_refused_by_an_invitation_and_by_whoever_gives_a_login():
    world = World()
    email = "ana.muster@clinic.example"
    made = invitations.invite(person=world.ana, email=email, by=SYSTEM)
    with pytest.raises(ValidationError, match="your own address"):
        invitations.accept(invitation=made, password=email, by=world.ana)
    with pytest.raises(ValidationError, match="your own address"):
        people.give_login(
            person=world.ben, email="ben.muster@clinic.example", password="benmuster2026", by=SYSTEM
        )
