"""Reads a RustyBT store without RustyBT. Written from docs/format.md alone, with sqlite3, pyarrow and blake3.

    store = Store("/path/to/store")
    bars = store.read("us", "bars_1d", sids=[3], start=date(2020, 1, 1), version=2)   # a pyarrow.Table
"""

import io
import pathlib
import sqlite3
import struct
from datetime import date, datetime, time, timedelta, timezone

import blake3
import pyarrow
import pyarrow.compute
import pyarrow.parquet

KNOWN_FORMATS = {"1", "2"}


class Damaged(Exception):
    """A file that is not what the catalog says."""


class Store:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.catalog = sqlite3.connect(f"file:{self.root / 'catalog.sqlite'}?mode=ro", uri=True)
        lake = self.one("SELECT value FROM ducklake_metadata WHERE key = 'version' AND scope IS NULL")
        ours = self.one("SELECT value FROM rbt_meta WHERE key = 'store_format'")
        if lake != "1.0" or ours not in KNOWN_FORMATS:
            raise ValueError(f"DuckLake {lake}, store format {ours}: not known here")

    def one(self, sql, *values):
        row = self.catalog.execute(sql, values).fetchone()
        return row[0] if row else None

    def snapshot(self, bundle, version=None, as_of=None):
        """The snapshot of a version: the newest, one by number, or the one that counted at an instant."""
        if as_of is not None:
            micros = round((as_of - datetime(1970, 1, 1, tzinfo=timezone.utc)) / timedelta(microseconds=1))
        found = self.one(
            "SELECT v.snapshot_id FROM rbt_bundle_version v JOIN rbt_bundle b USING (bundle_id) WHERE b.name = ?"
            " AND v.version <= coalesce(?, b.head_version) AND v.created_us <= ? AND (? IS NULL OR v.version = ?)"
            " ORDER BY v.version DESC LIMIT 1",
            bundle, version, 2**62 if as_of is None else micros, version, version,
        )
        if found is None:
            raise KeyError(f"no such version of {bundle}")
        return found

    def tables(self, bundle, snapshot):
        """The tables of a snapshot: name -> (table_id, path)."""
        rows = self.catalog.execute(
            "SELECT t.table_name, t.table_id, s.path || t.path FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)"
            " WHERE s.schema_name = ?1 AND t.begin_snapshot <= ?2 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?2)",
            (bundle, snapshot),
        )
        return {name: (table, path) for name, table, path in rows}

    def columns(self, table, snapshot):
        """The columns of a table: their names by field id, in order."""
        rows = self.catalog.execute(
            "SELECT column_id, column_name FROM ducklake_column WHERE table_id = ?1 AND begin_snapshot <= ?2"
            " AND (end_snapshot IS NULL OR end_snapshot > ?2) ORDER BY column_order",
            (table, snapshot),
        )
        return dict(rows)

    def files(self, bundle, table, snapshot, sids=None, start=None, end=None):
        """The data files that may hold rows of these assets and days: path -> BLAKE3."""
        number, folder = self.tables(bundle, snapshot)[table]
        rows = self.catalog.execute(
            "SELECT f.path, c.file_hash, c.ts_min_us, c.ts_max_us, c.extents FROM rbt_chunk c JOIN ducklake_data_file f"
            " USING (data_file_id) WHERE c.table_id = ?1 AND c.begin_snapshot <= ?2"
            " AND (c.end_snapshot IS NULL OR c.end_snapshot > ?2) ORDER BY c.part, c.period, c.ts_min_us",
            (number, snapshot),
        )
        chosen = {}
        for path, digest, first, last, extents in rows:
            if first is not None and ((end and first > micros_of(end, 1)) or (start and last < micros_of(start, 0))):
                continue
            held = {sid for sid, *_ in struct.iter_unpack("<IIqq", extents or b"")}
            if sids is None or not held or held & set(sids):
                chosen[self.root / "data" / folder / path] = digest
        return chosen

    def read(self, bundle, table, sids=None, start=None, end=None, version=None, as_of=None):
        """The rows of a table, exact, in the order of asset and time."""
        snapshot = self.snapshot(bundle, version, as_of)
        columns = self.columns(self.tables(bundle, snapshot)[table][0], snapshot)
        pieces = []
        for path, digest in self.files(bundle, table, snapshot, sids, start, end).items():
            content = path.read_bytes()
            if blake3.blake3(content).digest() != digest:
                raise Damaged(path)
            piece = pyarrow.parquet.read_table(io.BytesIO(content))
            ids = {int(field.metadata[b"PARQUET:field_id"]): field.name for field in piece.schema}
            # A file from before a column was added has no values of it.
            pieces.append(piece.select([ids[i] for i in columns if i in ids]).rename_columns([columns[i] for i in columns if i in ids]))
        if not pieces:
            return pyarrow.table({name: pyarrow.nulls(0) for name in columns.values()})
        rows = pyarrow.concat_tables(pieces, promote_options="permissive").select(list(columns.values()))
        stamp = next((name for name in ("session", "ts") if name in rows.column_names), None)
        if sids is not None:
            rows = rows.filter(pyarrow.compute.is_in(rows["sid"], pyarrow.array(sids, rows["sid"].type)))
        if stamp == "session" and start:
            rows = rows.filter(pyarrow.compute.greater_equal(rows[stamp], start))
        if stamp == "session" and end:
            rows = rows.filter(pyarrow.compute.less_equal(rows[stamp], end))
        return rows.sort_by([(name, "ascending") for name in ("sid", stamp) if stamp]) if stamp else rows


def micros_of(day, days_later):
    """Microseconds of the midnight of a day, or of the last moment of it."""
    midnight = datetime.combine(day, time(), timezone.utc) + timedelta(days=days_later)
    return (midnight - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1) - days_later
