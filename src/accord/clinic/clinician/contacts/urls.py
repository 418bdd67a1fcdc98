"""Addresses of logging contacts."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.contacts import views

urlpatterns = [
    path("engagements/<uuid:engagement_id>/contact/", views.log, name="log-contact"),
    path("contacts/<uuid:contact_id>/", views.correct, name="correct-contact"),
    path("contacts/<uuid:contact_id>/links/withdraw/", views.withdraw_links, name="links-withdraw"),
]
