"""Addresses of check-ins."""

from __future__ import annotations

from django.urls import path

from accord.clinic.client.checkins import views

urlpatterns = [
    path("engagements/<uuid:engagement_id>/own/", views.own, name="own-checkin"),
    path("c/<str:token>/", views.by_link, name="checkin"),
    path("c/<str:token>/sent/", views.sent, name="checkin-sent"),
    path("forms/", views.waiting, name="forms"),
]
