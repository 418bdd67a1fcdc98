"""Addresses of episodes of care and relationships."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.care import views

urlpatterns = [
    path("people/<uuid:person_id>/relationships/new/", views.new_relationship, name="relationship-new"),
    path("people/<uuid:person_id>/care/new/", views.begin, name="care-begin"),
    path("relationships/<uuid:engagement_id>/end/", views.end_relationship, name="relationship-end"),
    path("care/<uuid:episode_id>/end/", views.end, name="care-end"),
    path("care/<uuid:episode_id>/correct/", views.correct, name="care-correct"),
]
