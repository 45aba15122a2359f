"""Reads the tables of a bundle at each snapshot with DuckDB.

usage: duckdb_tables.py ROOT BUNDLE TABLE…; prints {"types": {table: […]}, "rows": {snapshot: {table: […]}}}.
"""

import json
import sys

import lake

root, bundle, *tables = sys.argv[1:]
con = lake.attach(lake.in_folder(root))
schema = f'lake."{bundle}"'
answer = {"types": {table: lake.types(con, bundle, table) for table in tables}, "rows": {}}
for snapshot in lake.snapshots(con)[1:]:
    found = answer["rows"][snapshot] = {}
    for table in tables:
        try:
            found[table] = lake.rows(con, f"SELECT * FROM {schema}.{table} AT (VERSION => {snapshot}) ORDER BY ALL")
        except Exception as error:  # a table that the version has not
            found[table] = type(error).__name__
answer["pruned"] = lake.rows(
    con, f"SELECT count(*), min(price), max(price), max(ts) FROM {schema}.trades WHERE ts >= '2013-11-01'",
)
print(json.dumps(answer))
