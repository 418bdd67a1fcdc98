from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "accord.clinic"
    label = "clinic"
    verbose_name = "accord"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate, pre_migrate

        # `checks` registers the start-up checks, `receivers` what follows from signing in.
        from accord.clinic.accounts import receivers  # noqa: F401
        from accord.clinic.audit import actions
        from accord.clinic.models import guards as append_only
        from accord.clinic.models import read_only
        from accord.clinic.site import system_checks  # noqa: F401
        from accord.clinic.site.features import FEATURES
        from accord.clinic.web import jobs, lanes

        actions.declare(feature.audit_actions for feature in FEATURES)
        jobs.declare(job for feature in FEATURES for job in feature.jobs)
        lanes.declare(lane for feature in FEATURES for lane in feature.lanes)

        connection_created.connect(read_only.watch)
        pre_migrate.connect(append_only.before_migrating, sender=self)
        post_migrate.connect(append_only.after_migrating, sender=self)
