"""Addresses of imports."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.imports import views

urlpatterns = [
    path("imports/", views.show, name="imports"),
    path("imports/new/", views.new, name="import-new"),
    path("imports/preview/", views.preview, name="import-preview"),
    path("imports/<uuid:batch_id>/", views.show_batch, name="import-batch"),
    path("imports/<uuid:batch_id>/undo/", views.undo, name="import-undo"),
    path("imports/<uuid:batch_id>/put-back/", views.put_back, name="import-put-back"),
]
