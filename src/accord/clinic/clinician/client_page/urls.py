"""Addresses of agreements with a client, and of their picture."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.client_page import agreements, together

urlpatterns = [
    path("clients/<uuid:client_id>/agreements/", agreements.agreements, name="agreements"),
    path("clients/<uuid:client_id>/picture/", together.open_picture, name="picture-open"),
]
