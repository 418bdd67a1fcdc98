"""Addresses of the worklist and the page about a client."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.worklist import views

urlpatterns = [
    path("worklist/", views.show_worklist, name="worklist"),
    path("clients/<uuid:client_id>/", views.show_client, name="client"),
    path("clients/<uuid:client_id>/acts/respond/", views.respond_to_acts, name="respond-acts"),
    path("flags/<uuid:flag_id>/respond/", views.respond, name="respond"),
    path("engagements/<uuid:engagement_id>/ask/", views.ask, name="ask"),
]
