"""Reads a store with DuckDB and its own DuckLake extension: no code of ours.

usage: duckdb_reads.py ROOT BUNDLE; prints one JSON object. Needs duckdb, duckdb-extension-ducklake and
duckdb-extension-sqlite-scanner, all 1.5.5.
"""

import glob
import json
import os
import sys
import sysconfig

import duckdb

root, bundle = sys.argv[1:]
packages = sysconfig.get_paths()["purelib"]
extensions = glob.glob(f"{packages}/duckdb_extension_*/extensions/*/*.duckdb_extension")
con = duckdb.connect(
    config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
)
# The SQLite scanner first: DuckLake looks for it.
for extension in sorted(extensions, reverse=True):
    con.execute(f"LOAD '{extension}'")
con.execute(f"ATTACH 'ducklake:sqlite:{os.path.join(root, 'catalog.sqlite')}' AS lake (READ_ONLY)")
con.execute("SET TimeZone = 'UTC'")


def rows(sql):
    """Rows as DuckDB itself writes them."""
    cells = con.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sql})").fetchall()
    return [list(row) for row in cells]


schema = f'lake."{bundle}"'
snapshots = [row[0] for row in con.execute("SELECT snapshot_id FROM lake.snapshots() ORDER BY 1").fetchall()]
answer = {"snapshots": snapshots, "versions": {}, "tables": {}}
for snapshot in snapshots[1:]:
    at = f"AT (VERSION => {snapshot})"
    answer["versions"][snapshot] = rows(
        f"SELECT * FROM {schema}.bars_1d {at} ORDER BY 1, 2"
    )
for table in con.execute(
    f"SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = '{bundle}' ORDER BY 1"
).fetchall():
    answer["tables"][table[0]] = rows(f"SELECT * FROM {schema}.{table[0]}")
answer["types"] = rows(
    f"SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'lake' "
    f"AND schema_name = '{bundle}' AND table_name = 'bars_1d' ORDER BY column_index"
)
plan = con.execute(
    f"EXPLAIN ANALYZE SELECT sum(close) FROM {schema}.bars_1d WHERE session >= '2020-01-01'"
).fetchall()[0][1]
answer["files_read"] = [line.split(":")[1].strip(" │") for line in plan.splitlines() if "Total Files Read" in line]
# Statistics that do not cover the data would make these come out differently.
answer["counts"] = rows(
    f"SELECT count(*), min(session), max(session), min(close), max(close), max(volume) FROM {schema}.bars_1d"
)
print(json.dumps(answer))
