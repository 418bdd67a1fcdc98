"""Every address of the site: those of each feature, in the order of the list of features."""

from __future__ import annotations

from accord.clinic.site.features import FEATURES

urlpatterns = [pattern for feature in FEATURES for pattern in feature.urls]
handler400 = "accord.clinic.web.errors.not_readable"
handler404 = "accord.clinic.web.errors.missing"
handler500 = "accord.clinic.web.errors.broken"
handler429 = "accord.clinic.web.errors.too_many"
