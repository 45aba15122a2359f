"""Reads a frozen catalog with DuckDB.

usage: duckdb_frozen.py CATALOG [DATA_PATH]; prints one JSON object.
"""

import json
import sys

import duckdb
import lake

catalog, *data_path = sys.argv[1:]
options = "READ_ONLY"
if data_path:
    options += f", DATA_PATH '{data_path[0]}', OVERRIDE_DATA_PATH true"
con = lake.attach(f"sqlite:{catalog}", options)


def closes(at):
    cells = con.execute(f"SELECT close::VARCHAR FROM lake.us.bars_1d {at} ORDER BY sid, session").fetchall()
    return [cell for (cell,) in cells]


answer = {"snapshots": lake.snapshots(con), "closes": {}, "refused": {}, "latest": closes("")}
for snapshot in answer["snapshots"]:
    if snapshot == 0:
        continue
    try:
        answer["closes"][snapshot] = closes(f"AT (VERSION => {snapshot})")
    except duckdb.Error as error:
        answer["refused"][snapshot] = str(error)
print(json.dumps(answer))
