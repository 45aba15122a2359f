"""Reads a store whose catalog is in PostgreSQL with DuckDB.

usage: duckdb_postgres.py CONNECTION SCHEMA BUNDLE; prints one JSON object.
"""

import json
import sys

import lake

connection, metadata, bundle = sys.argv[1:]
con = lake.attach(f"postgres:{connection}", f"METADATA_SCHEMA '{metadata}', READ_ONLY")
snapshots = lake.snapshots(con)
moment = "AT (TIMESTAMP => TIMESTAMPTZ '2020-02-03 12:00:00+00')"
answer = {
    "snapshots": snapshots,
    "versions": {snapshot: lake.daily_bars(con, bundle, snapshot) for snapshot in snapshots[1:]},
    "as_of": lake.rows(
        con, f'SELECT sid, session, open, high, low, close, volume FROM lake."{bundle}".bars_1d {moment} ORDER BY 1, 2'
    ),
    "assets": lake.rows(con, f'SELECT sid, symbol FROM lake."{bundle}".assets'),
}
print(json.dumps(answer))
