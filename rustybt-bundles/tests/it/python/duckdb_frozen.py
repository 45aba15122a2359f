"""Reads a frozen catalog with DuckDB: no code of ours.

usage: duckdb_frozen.py CATALOG [DATA_PATH]; prints one JSON object.
"""

import glob
import json
import sys
import sysconfig

import duckdb

catalog, *data_path = sys.argv[1:]
packages = sysconfig.get_paths()["purelib"]
extensions = glob.glob(f"{packages}/duckdb_extension_*/extensions/*/*.duckdb_extension")
con = duckdb.connect(
    config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
)
# The SQLite scanner first: DuckLake looks for it.
for extension in sorted(extensions, reverse=True):
    con.execute(f"LOAD '{extension}'")
options = "READ_ONLY"
if data_path:
    options += f", DATA_PATH '{data_path[0]}', OVERRIDE_DATA_PATH true"
con.execute(f"ATTACH 'ducklake:sqlite:{catalog}' AS lake ({options})")
snapshots = [row[0] for row in con.execute("SELECT snapshot_id FROM lake.snapshots() ORDER BY 1").fetchall()]
answer = {"snapshots": snapshots, "closes": {}, "refused": {}}
for snapshot in snapshots:
    if snapshot == 0:
        continue
    sql = f"SELECT close::VARCHAR FROM lake.us.bars_1d AT (VERSION => {snapshot}) ORDER BY sid, session"
    try:
        answer["closes"][snapshot] = [row[0] for row in con.execute(sql).fetchall()]
    except duckdb.Error as error:
        answer["refused"][snapshot] = str(error)
answer["latest"] = [
    row[0] for row in con.execute("SELECT close::VARCHAR FROM lake.us.bars_1d ORDER BY sid, session").fetchall()
]
print(json.dumps(answer))
