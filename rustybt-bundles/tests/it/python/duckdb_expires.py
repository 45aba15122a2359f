"""Expires old snapshots with DuckDB, as somebody may who knows nothing of versions and pins.

usage: duckdb_expires.py ROOT [cleanup]; prints one JSON object.
"""

import json
import sys

import lake

root, *cleanup = sys.argv[1:]
con = lake.attach(lake.in_folder(root), options="")
expired = con.execute("CALL ducklake_expire_snapshots('lake', older_than => now() + INTERVAL 1 HOUR)").to_arrow_table()
deleted = []
if cleanup:
    deleted = con.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)").to_arrow_table()
print(json.dumps({"expired": len(expired), "deleted": len(deleted)}))
