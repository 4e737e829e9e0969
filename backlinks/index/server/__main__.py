"""`python -m backlinks.index.server --data FOLDER`"""

import os
import sys

from .lifecycle import main

code = main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)  # chDB's own threads must not keep a stopped server alive
