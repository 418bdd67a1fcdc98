"""Addresses of announced absences."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.absences import views

urlpatterns = [
    path("clients/<uuid:client_id>/absences/", views.announce, name="absences"),
    path("absences/<uuid:absence_id>/take-back/", views.take_back, name="absence-take-back"),
]
