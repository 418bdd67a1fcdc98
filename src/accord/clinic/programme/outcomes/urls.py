"""Addresses of the outcomes of the programme."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.outcomes import views

urlpatterns = [
    path("overview/", views.programme, name="overview"),
    path("overview/alarms/", views.alarms, name="overview-alarms"),
]
