"""Addresses of how readily strain is flagged."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.alarm_budget import views

urlpatterns = [
    path("noticing/", views.show, name="noticing"),
]
