"""gunicorn's settings: `gunicorn -c python:seoapp.web seoapp.wsgi` under `up`, in the Procfile and in the image.

Decided: threads, because pages wait for databases most of the time; one process where SQLite is behind them, more by
`WEB_WORKERS`. It listens on loopback unless `WEB_BIND` says otherwise.
"""

from seoapp import settings
from seoapp.lib import env

bind = env.names("WEB_BIND", f"127.0.0.1:{env.integer('PORT', 8000, low=1, high=65535)}")
workers = env.integer("WEB_WORKERS", 1, low=1, high=64)
threads = env.integer("WEB_THREADS", 8, low=1, high=256)
worker_class = "gthread"
limit_request_line = 8190  # an expression of a filter in a URL is long in Cyrillic
worker_tmp_dir = str(settings.SEOAPP_DATA / "tmp")
graceful_timeout = 10
timeout = 120
no_control_socket = True
proc_name = "linkledger-web"
logconfig_dict = settings.LOGGING | {
    "loggers": {"gunicorn.error": {"level": settings.LOGGING["root"]["level"], "propagate": True}},
}
