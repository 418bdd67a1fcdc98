"""Addresses of handing over."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.handover import views

urlpatterns = [
    path("people/<uuid:person_id>/handover/", views.hand_over, name="handover"),
]
