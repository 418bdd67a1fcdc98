"""Addresses of a client's own answers and of who opened their record."""

from __future__ import annotations

from django.urls import path

from accord.clinic.client.own_record import opened_views, views

urlpatterns = [
    path("c/<str:token>/uses/", views.allowed_by_link, name="uses-first"),
    path("record/opened/", opened_views.opened, name="who-opened"),
    path("my/answers/", views.answers, name="own-answers"),
    path("my/answers.csv", views.answers_file, name="own-answers-file"),
    path("my/uses/", views.allowed, name="own-uses"),
]
