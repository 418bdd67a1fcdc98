"""Addresses of a client's own notes."""

from __future__ import annotations

from django.urls import path

from accord.clinic.client.own_notes import views

urlpatterns = [
    path("forms/lines/", views.own, name="own-lines"),
    path("forms/lines/<uuid:line_id>/share/", views.share, name="line-share"),
    path("lines/<uuid:line_id>/", views.show, name="line"),
]
