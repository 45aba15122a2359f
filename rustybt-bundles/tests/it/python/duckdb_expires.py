"""Expires old snapshots with DuckDB, as somebody may who knows nothing of versions and pins.

usage: duckdb_expires.py ROOT [cleanup]; prints one JSON object.
"""

import glob
import json
import os
import sys
import sysconfig

import duckdb

root, *cleanup = sys.argv[1:]
packages = sysconfig.get_paths()["purelib"]
extensions = glob.glob(f"{packages}/duckdb_extension_*/extensions/*/*.duckdb_extension")
con = duckdb.connect(
    config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
)
for extension in sorted(extensions, reverse=True):
    con.execute(f"LOAD '{extension}'")
con.execute(f"ATTACH 'ducklake:sqlite:{os.path.join(root, 'catalog.sqlite')}' AS lake")
expired = con.execute("CALL ducklake_expire_snapshots('lake', older_than => now() + INTERVAL 1 HOUR)").to_arrow_table()
deleted = []
if cleanup:
    deleted = con.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)").to_arrow_table()
print(json.dumps({"expired": len(expired), "deleted": len(deleted)}))
