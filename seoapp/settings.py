"""Every setting of Linkledger, read from the environment in one place.

Decided: one file for every topology. The embedded default (SQLite, chDB, filesystem broker, a data folder) needs no
variable at all; production sets `DATABASE_URL`, `CELERY_BROKER_URL`, `CACHE_URL` and `LINK_INDEX_URL` and is the same
code. `SEOAPP_ENV=production` refuses to start when it would be unsafe. Refused: a settings package per environment,
because the differences would live where nobody reads them together.
"""

import sys
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from seoapp.lib import env, installation

BASE_DIR = Path(__file__).resolve().parent.parent
SEOAPP_ENV = env.choice("SEOAPP_ENV", "embedded", ("embedded", "production"))
PRODUCTION = SEOAPP_ENV == "production"
SEOAPP_DATA = env.folder("SEOAPP_DATA", BASE_DIR / "var")
installation.prepare(SEOAPP_DATA)

DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else installation.secret_key(SEOAPP_DATA))
installation.refuse_unsafe_production(production=PRODUCTION, debug=DEBUG, secret_key=SECRET_KEY, hosts=ALLOWED_HOSTS)

INSTALLED_APPS = [
    "seoapp",
    "projects",
    "backlinks",
    "audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "seoapp.lib.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "seoapp.lib.htmx.FragmentMiddleware",
]

ROOT_URLCONF = "seoapp.urls"
WSGI_APPLICATION = "seoapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "projects.navigation.context",
            ]
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", SEOAPP_DATA / "linkledger.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": env.integer("DATABASE_WAIT_SECONDS", 20, low=1, high=600),
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "projects.User"

# --- Link index -------------------------------------------------------------------------------------------------
# Empty: the embedded index in the data folder.
LINK_INDEX_URL = env.url("LINK_INDEX_URL", "", ("http", "https", "clickhouse", "clickhouses"))
LINK_INDEX_CLUSTER = env.matching("LINK_INDEX_CLUSTER", r"[A-Za-z_]\w*", "the name of a cluster: letters, digits and _")
LINK_FRESH_DAYS = env.integer("LINK_FRESH_DAYS", 180, low=1, high=3650)

# Memory that a computation of scores may take; a larger graph is refused with the way out.
AUTHORITY_MEMORY_MB = env.integer("AUTHORITY_MEMORY_MB", 8192, low=256, high=4_000_000)

# --- Queue ------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.url("CELERY_BROKER_URL", "filesystem://", ("redis", "rediss", "redis+socket", "filesystem"))
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("filesystem:")
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", 90, low=1, high=3600)
RUN_STEP_SECONDS = env.integer("RUN_STEP_SECONDS", 1800, low=1, high=86_400)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not EMBEDDED_BROKER
if EMBEDDED_BROKER:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(SEOAPP_DATA / "broker"),
        "data_folder_out": str(SEOAPP_DATA / "broker"),
        "control_folder": str(SEOAPP_DATA / "broker-control"),
        "polling_interval": 0.2,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 5,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "health_check_interval": 25,
    }

# --- Cache and sessions -----------------------------------------------------------------------------------------
CACHE_URL = env.url("CACHE_URL", "", ("redis", "rediss", "unix"))
if CACHE_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": SEOAPP_DATA / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    }
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True

# --- People -----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "projects.accounts.AccountAdapter"
ACCOUNT_FORMS = {"signup": "projects.forms.SignUpForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key",
    "client_review": "60/m/ip", "client_review_missed": "20/m/ip",
}  # fmt: skip
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, high=10)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Linkledger"
MFA_TOTP_TOLERANCE = 1  # a code typed at the end of its 30 seconds still counts (RFC 6238 section 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Mail -------------------------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
if EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_PORT = env.integer("EMAIL_PORT", 587, low=1, high=65535)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
    EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=True)
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = SEOAPP_DATA / "mail"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Linkledger <linkledger@localhost>")

# --- Files ------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "seoapp.statics.NpmFinder",
]
MEDIA_ROOT = SEOAPP_DATA / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "seoapp.statics.StaticStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
IMPORT_MAX_BYTES = env.integer("IMPORT_MAX_MB", 4096, low=1, high=1_000_000) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["seoapp.lib.uploads.CappedUploadHandler"]
FILE_UPLOAD_TEMP_DIR = SEOAPP_DATA / "uploads"
DATA_UPLOAD_MAX_NUMBER_FILES = 100
EXPORT_DIRECT_ROWS = env.integer("EXPORT_DIRECT_ROWS", 100_000, low=1, high=10_000_000)  # longer ones become runs
EXPORT_KEEP_DAYS = env.integer("EXPORT_KEEP_DAYS", 14, low=1, high=3650)

# --- Browser ----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
SITE_URL = env.url("SITE_URL", "http://localhost:8000", ("http", "https")).rstrip("/")
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# --- Language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- What a later stage adds to an earlier one's page or queue (design §2 rule 5), by dotted path -----------------
LINK_ACTIONS = [
    "backlinks.workbench.marks.ADD_TAG",
    "backlinks.workbench.marks.REMOVE_TAG",
    "backlinks.workbench.marks.NOTE",
    "backlinks.workbench.marks.WHITELIST",
    "backlinks.workbench.marks.UNLIST",
]
RUN_KINDS = [
    "backlinks.loading.RUN_KIND",
    "backlinks.imports.REMOVAL",
    "backlinks.crawl.jobs.RUN_KIND",
    "backlinks.crawl.jobs.HAND_KIND",
    "backlinks.crawl.cloaking.RUN_KIND",
    "backlinks.authority.compute.RUN_KIND",
    "backlinks.openweb.addresses.RUN_KIND",
    "backlinks.openweb.blocklists.RUN_KIND",
    "backlinks.openweb.popularity.RUN_KIND",
    "backlinks.openweb.visits.RUN_KIND",
    "backlinks.openweb.webgraph.RUN_KIND",
    "backlinks.openweb.wat.RUN_KIND",
    "backlinks.workbench.exports.RUN_KIND",
    "backlinks.workbench.targetlists.RUN_KIND",
    "audit.auditing.RUN_KIND",
    "audit.report.making.RUN_KIND",
    "projects.removal.RUN_KIND",
    "seoapp.demo.visits.RUN_KIND",
    "seoapp.demo.openweb.RUN_KIND",
    "seoapp.demo.decisions.RUN_KIND",
    "seoapp.demo.asking.RUN_KIND",
]
LONG_EXPORTS = ["backlinks.views.saving.exports.offer"]
PROJECT_PAGES = ["backlinks.pages.PROJECT_PAGES", "audit.pages.PROJECT_PAGES"]
WORKSPACE_PAGES = ["backlinks.pages.WORKSPACE_PAGES"]
PROJECT_FIGURES = ["backlinks.pages.project_figures", "audit.pages.project_figures"]
PROJECT_REMOVERS = [
    "backlinks.imports.remove_project",
    "backlinks.workbench.benchmarks.remove_project",
    "backlinks.crawl.jobs.remove_project",
    "backlinks.openweb.visits.remove_project",
    "backlinks.daily.remove_project",
    "backlinks.workbench.exports.remove_project",
    "audit.forgotten.remove_project",
]

# --- Outbound door ----------------------------------------------------------------------------------------------
SEOAPP_ALLOWED_PRIVATE_HOSTS = env.names("SEOAPP_ALLOWED_PRIVATE_HOSTS")
EGRESS_PROXY_URL = env.url("EGRESS_PROXY_URL", "", ("http", "https"))

# --- Crawler ----------------------------------------------------------------------------------------------------
# Who we say we are: site owners read the page behind CRAWL_CONTACT_URL and write to whoever runs this installation.
CRAWL_CONTACT_URL = env.url("CRAWL_CONTACT_URL", f"{SITE_URL}/bot", ("http", "https"))
CRAWL_USER_AGENT = f"Mozilla/5.0 (compatible; LinkledgerBot/1.0; +{CRAWL_CONTACT_URL})"
CRAWL_PORTS = env.integers("CRAWL_PORTS", low=1, high=65535)  # besides 80, 443, 8080 and 8443
CRAWL_DELAY_SECONDS = env.number("CRAWL_DELAY_SECONDS", 2.0, low=0, high=3600)
CRAWL_RETRY_SECONDS = env.number("CRAWL_RETRY_SECONDS", 10.0, low=0, high=3600)
CRAWL_AT_ONCE = env.integer("CRAWL_AT_ONCE", 200, low=1, high=5000)
CRAWL_HANDS = env.integer("CRAWL_HANDS", 2, low=1, high=64)  # workers that one big crawl may use
CRAWL_HOST_LEASE_SECONDS = env.integer("CRAWL_HOST_LEASE_SECONDS", 60, low=5, high=3600)
CRAWL_HOSTS_PER_ADDRESS = env.integer("CRAWL_HOSTS_PER_ADDRESS", 4, low=1, high=1000)

# --- Registries (RDAP): who asks tells them which domains he is interested in, so nothing is asked unasked -----------
RDAP_ENABLED = env.boolean("RDAP_ENABLED", default=False)
RDAP_PER_HOUR = env.integer("RDAP_PER_HOUR", 60, low=1, high=100_000)  # questions to one registry's server
RDAP_DELAY_SECONDS = env.number("RDAP_DELAY_SECONDS", 1.0, low=0, high=3600)
RDAP_BOOTSTRAP_URL = env.url("RDAP_BOOTSTRAP_URL", "https://data.iana.org/rdap/dns.json", ("http", "https"))

LOG_FORMAT = env.choice("LOG_FORMAT", "json" if PRODUCTION else "text", ("json", "text"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "context": {"()": "seoapp.lib.logs.ContextFilter"},
        "refusals": {"()": "seoapp.lib.logs.RefusalFilter"},
    },
    "formatters": {
        "json": {"()": "seoapp.lib.logs.JsonFormatter"},
        "text": {"()": "seoapp.lib.logs.TextFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": LOG_FORMAT,
            "filters": ["context", "refusals"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "kombu.connection": {"level": "ERROR" if EMBEDDED_BROKER else "WARNING"},  # a folder has no host name
    },
}
