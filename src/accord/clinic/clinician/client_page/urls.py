"""Addresses of agreements with a client."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.client_page import agreements

urlpatterns = [
    path("clients/<uuid:client_id>/agreements/", agreements.agreements, name="agreements"),
]
