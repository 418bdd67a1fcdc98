"""Addresses of estimates of leaving."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.dropout import views

urlpatterns = [
    path("leaving/", views.show, name="leaving"),
    path("engagements/<uuid:engagement_id>/reached/", views.reach_out, name="reach-out"),
]
