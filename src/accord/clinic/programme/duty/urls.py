"""Addresses of the rota."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.duty import views

urlpatterns = [
    path("duty/", views.show, name="duty"),
    path("duty/new/", views.new, name="duty-new"),
    path("duty/<uuid:shift_id>/", views.change, name="duty-change"),
    path("duty/<uuid:shift_id>/take-back/", views.take_back, name="duty-take-back"),
]
