"""Addresses of closing a sign-in."""

from __future__ import annotations

from django.urls import path

from accord.clinic.accounts.closing import views

urlpatterns = [
    path("accounts/close/", views.own, name="close-own-sign-in"),
    path("people/<uuid:clinician_id>/close-sign-in/", views.staff, name="close-sign-in"),
    path("clients/<uuid:client_id>/sign-in/", views.client, name="client-sign-in"),
    path("closing/<uuid:closing_id>/confirm/", views.confirm, name="closing-confirm"),
    path("closing/<uuid:closing_id>/withdraw/", views.withdraw, name="closing-withdraw"),
]
