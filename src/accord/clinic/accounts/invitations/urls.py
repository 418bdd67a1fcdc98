"""Addresses of invitations."""

from __future__ import annotations

from django.urls import path

from accord.clinic.accounts.invitations import views

urlpatterns = [
    path("invitation/<str:token>/", views.accept, name="invitation"),
    path("invitations/", views.show_all, name="invitations"),
    path("people/<uuid:person_id>/invite/", views.invite, name="invite"),
    path("people/<uuid:person_id>/invite/withdraw/", views.withdraw, name="invite-withdraw"),
]
