"""Addresses of opening a record in an emergency."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.emergency import views

urlpatterns = [
    path("emergency/", views.ask, name="break-glass"),
    path("emergency/opened/", views.show, name="break-glass-list"),
    path("emergency/<uuid:opening_id>/seen/", views.seen, name="break-glass-seen"),
]
