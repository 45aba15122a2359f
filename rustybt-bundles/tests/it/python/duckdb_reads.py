"""Reads a store with DuckDB.

usage: duckdb_reads.py ROOT BUNDLE; prints one JSON object.
"""

import json
import sys

import lake

root, bundle = sys.argv[1:]
con = lake.attach(lake.in_folder(root))
schema = f'lake."{bundle}"'
snapshots = lake.snapshots(con)
answer = {
    "snapshots": snapshots,
    "versions": {snapshot: lake.daily_bars(con, bundle, snapshot) for snapshot in snapshots[1:]},
    "tables": {},
    "types": lake.types(con, bundle, "bars_1d"),
}
for (table,) in con.execute(
    f"SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = '{bundle}' ORDER BY 1"
).fetchall():
    answer["tables"][table] = lake.rows(con, f"SELECT * FROM {schema}.{table}")
plan = con.execute(
    f"EXPLAIN ANALYZE SELECT sum(close) FROM {schema}.bars_1d WHERE session >= '2020-01-01'"
).fetchall()[0][1]
answer["files_read"] = [line.split(":")[1].strip(" │") for line in plan.splitlines() if "Total Files Read" in line]
# Statistics that do not cover the data would make these come out differently.
answer["counts"] = lake.rows(
    con, f"SELECT count(*), min(session), max(session), min(close), max(close), max(volume) FROM {schema}.bars_1d"
)
print(json.dumps(answer))
