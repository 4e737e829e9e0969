from django.apps import AppConfig


class BacklinksConfig(AppConfig):
    name = "backlinks"
    verbose_name = "Backlinks"
