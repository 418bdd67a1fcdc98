"""The address of the log."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.audit_log import views

urlpatterns = [path("audit/", views.show, name="audit-log")]
