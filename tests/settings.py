"""Settings of the tests: the product's own, in a data folder that is made for this process and removed after it.

Decided: the folder is in memory where the machine has such a place with room. A test run makes and removes a million
small files, and a file system on disk looks long for free inodes: half of the processor's time went there.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOM = 2 << 30  # bytes that all tests at once stay far below


def place() -> str:
    """A folder in memory; where there is none with room, the system's own for temporary files."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return str(memory) if fits else tempfile.gettempdir()


os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", place())  # what `tmp_path` gives, of all worker processes
FOLDER = tempfile.mkdtemp(prefix="linkledger-tests-", dir=os.environ["PYTEST_DEBUG_TEMPROOT"])
os.environ["SEOAPP_DATA"] = FOLDER
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

from seoapp.settings import *  # noqa: E402, F403
from seoapp.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": f"{FOLDER}/test.sqlite3"}  # a real file: other processes read it too
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
