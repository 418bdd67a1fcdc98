"""Addresses of the site itself."""

from __future__ import annotations

from django.urls import path

from accord.clinic.site import views

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("health/", views.health, name="health"),
]
