"""Addresses of the site itself."""

from __future__ import annotations

from django.urls import path

from accord.clinic.site import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("health/", pages.health, name="health"),
]
