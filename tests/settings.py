"""Settings of the tests: the product's own, in a data folder that is made for this process and removed after it."""

import atexit
import os
import shutil
import tempfile

FOLDER = tempfile.mkdtemp(prefix="linkledger-tests-")
os.environ["SEOAPP_DATA"] = FOLDER
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

from seoapp.settings import *  # noqa: E402, F403
from seoapp.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": f"{FOLDER}/test.sqlite3"}  # a real file: other processes read it too
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
