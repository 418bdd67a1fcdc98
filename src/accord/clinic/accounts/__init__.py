"""Signing in. Sessions keep the address `accord.clinic.accounts.Confirmed`, so it stays."""

from accord.clinic.accounts.accounts import Confirmed

__all__ = ["Confirmed"]
