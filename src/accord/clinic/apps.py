from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "accord.clinic"
    label = "clinic"
    verbose_name = "accord"

    def ready(self) -> None:
        from accord.clinic import checks  # noqa: F401  (registers the start-up checks)
