"""Reads a store whose catalog is in PostgreSQL, with DuckDB and its own extensions: no code of ours.

usage: duckdb_postgres.py CONNECTION SCHEMA BUNDLE; prints one JSON object. Needs duckdb,
duckdb-extension-ducklake and duckdb-extension-postgres-scanner, all 1.5.5.
"""

import glob
import json
import sys
import sysconfig

import duckdb

connection, metadata, bundle = sys.argv[1:]
packages = sysconfig.get_paths()["purelib"]
extensions = glob.glob(f"{packages}/duckdb_extension_*/extensions/*/*.duckdb_extension")
con = duckdb.connect(
    config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
)
# The scanners first: DuckLake looks for them.
for extension in sorted(extensions, reverse=True):
    con.execute(f"LOAD '{extension}'")
con.execute(f"ATTACH 'ducklake:postgres:{connection}' AS lake (METADATA_SCHEMA '{metadata}', READ_ONLY)")
con.execute("SET TimeZone = 'UTC'")


def rows(sql):
    cells = con.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sql})").fetchall()
    return [list(row) for row in cells]


def bars(at):
    return rows(f'SELECT sid, session, open, high, low, close, volume FROM lake."{bundle}".bars_1d {at} ORDER BY 1, 2')


snapshots = [row[0] for row in con.execute("SELECT snapshot_id FROM lake.snapshots() ORDER BY 1").fetchall()]
answer = {
    "snapshots": snapshots,
    "versions": {snapshot: bars(f"AT (VERSION => {snapshot})") for snapshot in snapshots[1:]},
    "as_of": bars("AT (TIMESTAMP => TIMESTAMPTZ '2020-02-03 12:00:00+00')"),
    "assets": rows(f'SELECT sid, symbol FROM lake."{bundle}".assets'),
}
print(json.dumps(answer))
