from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        from .accounts import listen  # noqa: PLC0415  (models are ready only now)

        listen()
