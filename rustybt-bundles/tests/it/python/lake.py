"""DuckDB with a store attached as `lake`, through its own extensions: no code of ours.

Needs duckdb, duckdb-extension-ducklake and, for where the catalog is, duckdb-extension-sqlite-scanner or
duckdb-extension-postgres-scanner, all 1.5.5.
"""

import glob
import os
import sysconfig

import duckdb


def attach(catalog, options="READ_ONLY"):
    """A connection; `catalog` is what DuckLake is told, such as `sqlite:catalog.sqlite`."""
    packages = sysconfig.get_paths()["purelib"]
    extensions = glob.glob(f"{packages}/duckdb_extension_*/extensions/*/*.duckdb_extension")
    con = duckdb.connect(
        config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
    )
    # The scanners first: DuckLake looks for them.
    for extension in sorted(extensions, reverse=True):
        con.execute(f"LOAD '{extension}'")
    con.execute(f"ATTACH 'ducklake:{catalog}' AS lake" + (f" ({options})" if options else ""))
    con.execute("SET TimeZone = 'UTC'")
    return con


def in_folder(root):
    """The catalog of a store that is a folder."""
    return f"sqlite:{os.path.join(root, 'catalog.sqlite')}"


def rows(con, sql):
    """Rows as DuckDB itself writes them."""
    cells = con.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sql})").fetchall()
    return [list(row) for row in cells]


def snapshots(con):
    """The numbers of the snapshots, in order."""
    found = con.execute("SELECT snapshot_id FROM lake.snapshots() ORDER BY 1").fetchall()
    return [row[0] for row in found]


def daily_bars(con, bundle, snapshot):
    """The daily bars of a bundle at a snapshot."""
    return rows(con, f'SELECT * FROM lake."{bundle}".bars_1d AT (VERSION => {snapshot}) ORDER BY 1, 2')


def types(con, bundle, table):
    """The columns of a table and their types."""
    return rows(
        con,
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'lake' "
        f"AND schema_name = '{bundle}' AND table_name = '{table}' ORDER BY column_index",
    )
