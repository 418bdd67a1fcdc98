"""Addresses of the false-flag budget."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.alarm_budget import views

urlpatterns = [
    path("noticing/", views.show, name="noticing"),
]
