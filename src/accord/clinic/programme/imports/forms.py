"""The form for a file to import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import ImportBatch, Person, Team
from accord.records.ratings import Construct

CONSTRUCTS = (
    (Construct.ALLIANCE.value, _("the alliance")),
    (Construct.OUTCOME.value, _("an outcome, such as symptoms")),
    (Construct.OTHER.value, _("something else")),
)


class ImportForm(forms.Form):
    """A file and its kind of content; for ratings their team, and the range of an unknown scale."""

    file = forms.FileField(label=_("file (CSV)"))
    what = forms.ChoiceField(
        label=_("what it holds"), choices=ImportBatch.What.choices, required=False, initial="ratings"
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team, for a file of ratings"), required=False)
    clinician = forms.ModelChoiceField(
        Person.objects.none(), label=_("clinician, if the file has no such column"), required=False
    )
    source = forms.CharField(
        label=_("where the file comes from"),
        help_text=_("Such as “survey tool” or “clinic B”. Known clients are confirmed once for each source."),
        required=False,
        max_length=100,
    )
    scale_name = forms.CharField(label=_("name of another scale in the file"), required=False, max_length=100)
    scale_low = forms.FloatField(label=_("its lowest score"), required=False)
    scale_high = forms.FloatField(label=_("its highest score"), required=False)
    scale_lower_is_better = forms.BooleanField(label=_("lower is better"), required=False)
    scale_construct = forms.ChoiceField(
        label=_("it measures"),
        required=False,
        choices=CONSTRUCTS,
        initial="other",
    )

    def __init__(self, data: Any = None, files: Any = None, *, lead: Person) -> None:
        super().__init__(data, files)
        mine = {"organisation": lead.organisation_id}
        self._offer("team", Team.objects.filter(**mine).order_by("name"))
        self._offer("clinician", Person.objects.filter(kind=Person.Kind.STAFF, **mine).order_by("name"))

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > settings.IMPORT_LIMIT:
            limit = settings.IMPORT_LIMIT // (1024 * 1024)
            raise ValidationError(
                _("This file is larger than %(n)s MB. Split it into smaller ones."), params={"n": limit}
            )
        return file

    def clean_what(self) -> str:
        return self.cleaned_data["what"] or ImportBatch.What.RATINGS.value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("what") == ImportBatch.What.RATINGS and not cleaned.get("team"):
            self.add_error("team", _("Choose the team that the ratings belong to."))
        given = [cleaned.get(name) is not None for name in ("scale_low", "scale_high")]
        if cleaned.get("scale_name") and not all(given):
            self.add_error("scale_low", _("Give the lowest and the highest score of this scale."))
        return cleaned
