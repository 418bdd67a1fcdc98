"""Importing a file of ratings, episodes of care or events: upload, preview, commit, undo."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.facts.batches import batches
from accord.clinic.models import ImportBatch
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import batch_actions, care_import, ratings_import, uploads
from accord.clinic.programme.imports.batch_page import batch_page
from accord.clinic.programme.imports.care_import import CarePreview
from accord.clinic.programme.imports.confirmations import Unconfirmed
from accord.clinic.programme.imports.forms import ImportForm
from accord.clinic.programme.imports.ratings_import import Preview
from accord.clinic.programme.imports.uploads import EnteredScale, Upload
from accord.clinic.web.file_parts import takes_a_file
from accord.clinic.web.support import again, again_first, for_staff, who
from accord.errors import FormError, InputError


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/imports.html", {"batches": batches(who(request))})


@takes_a_file
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@again_first
def new(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.IMPORT, who(request).organisation)
    form = ImportForm(request.POST or None, request.FILES or None, lead=who(request))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid() and (upload := _held(request, form)):
            return redirect(f"{reverse('import-preview')}?{urlencode({'upload': upload.token()})}")
    return render(request, "clinic/import_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@again
def preview(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    token = sent.get("upload", "")
    try:
        upload = uploads.held(token, by=who(request))
        confirms = request.method == "POST" and "look" not in request.POST
        problems = _committed(request, upload) if confirms else ()
    except InputError as error:
        messages.error(request, error.sentence(gettext))
        return redirect("imports")
    if problems is None:
        return redirect("imports")
    shown = _looked_at(upload, request)
    if isinstance(shown, Preview):
        audit_reads.import_preview(client_ids=shown.client_ids, by=who(request))
    context = {"preview": shown, "upload": token, "problems": problems, "typed": request.POST}
    page = (
        "clinic/import_ratings_preview.html"
        if isinstance(shown, Preview)
        else "clinic/import_care_preview.html"
    )
    return render(request, page, context, status=400 if problems else 200)


@require_safe
@for_staff
def show_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    page = batch_page(who(request), batch_id)
    audit_reads.import_batch(batch=page.batch, client_ids=page.client_ids, by=who(request))
    return render(request, "clinic/import_batch.html", {"page": page, "batch": page.batch})


@require_POST
@for_staff
@again
def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch_actions.undo(batch=ImportBatch.objects.get(pk=batch_id), by=who(request))
    messages.success(
        request,
        _("The import was undone: nothing from it counts now. Nothing was deleted; you can put it back."),
    )
    return redirect("import-batch", batch_id)


@require_POST
@for_staff
@again
def put_back(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    try:
        batch_actions.put_back(batch=ImportBatch.objects.get(pk=batch_id), by=who(request))
        messages.success(
            request,
            _("The import was put back. It counts again, except for answers that were replaced since then."),
        )
    except FormError as error:
        messages.error(request, str(error))
    return redirect("import-batch", batch_id)


def _held(request: HttpRequest, form: ImportForm) -> Upload | None:
    """The stored upload, or None after the fault of the file was added to the form."""
    cleaned = form.cleaned_data
    upload = None
    try:
        upload = uploads.hold(
            chunks=cleaned["file"].chunks(),
            filename=cleaned["file"].name,
            team=cleaned["team"].pk if cleaned["team"] else None,
            clinician=cleaned["clinician"].pk if cleaned["clinician"] else None,
            scale=_scale(cleaned),
            by=who(request),
            what=cleaned["what"],
            source=cleaned["source"],
        )
        _looked_at(upload, request)
        return upload
    except InputError as error:
        if upload:
            uploads.remove(upload=upload, by=who(request))
        form.add_error("file", error.sentence(gettext))
        return None


def _looked_at(upload: Upload, request: HttpRequest) -> Preview | CarePreview:
    if upload.what == ImportBatch.What.RATINGS:
        return ratings_import.preview(upload=upload, by=who(request), answers=_answers(request))
    return care_import.preview(upload=upload, by=who(request), answers=_answers(request))


def _answers(request: HttpRequest) -> dict[str, str]:
    """Everything that was sent: a preview looks for the names of its own questions."""
    return {name: str(request.POST[name]) for name in request.POST}


def _scale(cleaned: dict[str, Any]) -> EnteredScale | None:
    if not cleaned["scale_name"]:
        return None
    return EnteredScale(
        name=cleaned["scale_name"],
        low=cleaned["scale_low"],
        high=cleaned["scale_high"],
        lower_is_better=cleaned["scale_lower_is_better"],
        construct=cleaned["scale_construct"] or "other",
    )


def _committed(request: HttpRequest, upload: Upload) -> tuple[str, ...] | None:
    """None when the file was imported, otherwise what was not confirmed."""
    try:
        batch = _imported(request, upload)
    except Unconfirmed as refused:
        return refused.problems
    messages.success(request, _imported_message(batch))
    return None


def _imported(request: HttpRequest, upload: Upload) -> ImportBatch:
    commit = ratings_import.commit if upload.what == ImportBatch.What.RATINGS else care_import.commit
    return commit(upload=upload, by=who(request), confirmed=set(request.POST), answers=_answers(request))


def _imported_message(batch: ImportBatch) -> str:
    rows = ngettext(
        "%(n)s row of %(what)s was imported.", "%(n)s rows of %(what)s were imported.", batch.rows
    ) % {"n": batch.rows, "what": batch.get_what_display()}
    if batch.what != ImportBatch.What.RATINGS:
        return rows
    about = ngettext(
        "The import is about %(n)s relationship.",
        "The import is about %(n)s relationships.",
        batch.relationships,
    )
    return f"{rows} {about % {'n': batch.relationships}}"
