"""Reads the tables of a bundle at each snapshot with DuckDB and its own DuckLake extension.

usage: duckdb_tables.py CATALOG BUNDLE TABLE…; prints {"types": {table: […]}, "rows": {snapshot: {table: […]}}}.
"""

import glob
import json
import os
import sys
import sysconfig

import duckdb

root, bundle, *tables = sys.argv[1:]
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
answer = {"types": {}, "rows": {}}
for table in tables:
    answer["types"][table] = rows(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'lake' "
        f"AND schema_name = '{bundle}' AND table_name = '{table}' ORDER BY column_index",
    )
for snapshot in snapshots[1:]:
    found = {}
    for table in tables:
        try:
            found[table] = rows(f"SELECT * FROM {schema}.{table} AT (VERSION => {snapshot}) ORDER BY ALL")
        except Exception as error:  # a table that the version has not
            found[table] = type(error).__name__
    answer["rows"][snapshot] = found
answer["pruned"] = rows(
    f"SELECT count(*), min(price), max(price), max(ts) FROM {schema}.trades WHERE ts >= '2013-11-01'",
)
print(json.dumps(answer))
