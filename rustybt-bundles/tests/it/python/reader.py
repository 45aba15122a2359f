"""Reads a RustyBT store without RustyBT. Written from docs/format.md alone, with sqlite3, pyarrow and blake3.

    store = Store("/path/to/store")
    bars = store.read("us", "bars_1d", sids=[3], start=date(2020, 1, 1), version=2)   # a pyarrow.Table, exact
"""

import io
import pathlib
import sqlite3
import struct
from datetime import datetime, time, timezone

import blake3
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet

AT_SNAPSHOT = "begin_snapshot <= :at AND (end_snapshot IS NULL OR end_snapshot > :at)"


class Store:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.catalog = sqlite3.connect(f"file:{self.root / 'catalog.sqlite'}?mode=ro", uri=True)
        [lake] = self.rows("SELECT value FROM ducklake_metadata WHERE key = 'version' AND scope IS NULL")
        [ours] = self.rows("SELECT value FROM rbt_meta WHERE key = 'store_format'")
        if lake != ("1.0",) or ours not in {("1",), ("2",)}:
            raise ValueError(f"DuckLake {lake}, store format {ours}: not known here")

    def rows(self, sql, **values):
        return self.catalog.execute(sql, values).fetchall()

    def snapshot(self, bundle, version=None, as_of=None):
        """The snapshot of a version: by number, by the instant at which it was the newest, or the newest."""
        found = self.rows(
            "SELECT max(v.snapshot_id) FROM rbt_bundle_version v JOIN rbt_bundle b USING (bundle_id) WHERE b.name = :bundle"
            " AND (:version IS NULL OR v.version = :version) AND (:micros IS NULL OR v.created_us <= :micros)",
            bundle=bundle, version=version, micros=as_of and micros(as_of),
        )
        if found[0][0] is None:
            raise KeyError(f"{bundle} has no such version")
        return found[0][0]

    def tables(self, bundle, at):
        """The tables of a snapshot: name -> (table_id, folder)."""
        return {name: (table, self.root / "data" / folder) for name, table, folder in self.rows(
            "SELECT table_name, table_id, s.path || t.path FROM ducklake_table t JOIN (SELECT schema_id, schema_name, path FROM"
            f" ducklake_schema WHERE {AT_SNAPSHOT}) s USING (schema_id) WHERE schema_name = :bundle AND {AT_SNAPSHOT}",
            bundle=bundle, at=at,
        )}

    def columns(self, table, at):
        """The columns of a table in order: field id -> name."""
        return dict(self.rows(
            f"SELECT column_id, column_name FROM ducklake_column WHERE table_id = :table AND {AT_SNAPSHOT} ORDER BY column_order",
            table=table, at=at,
        ))

    def files(self, bundle, table, at, sids=None, start=None, end=None):
        """The data files that may hold rows of these assets and days: path -> BLAKE3."""
        number, folder = self.tables(bundle, at)[table]
        chosen = {}
        for path, digest, first, last, extents in self.rows(
            "SELECT f.path, c.file_hash, c.ts_min_us, c.ts_max_us, c.extents FROM rbt_chunk c JOIN (SELECT data_file_id, path FROM"
            f" ducklake_data_file) f USING (data_file_id) WHERE table_id = :table AND {AT_SNAPSHOT}", table=number, at=at,
        ):
            held = {sid for sid, *_ in struct.iter_unpack("<IIqq", extents or b"")}
            early = start and last is not None and last < midnight(start)
            late = end and first is not None and first >= midnight(end) + 86_400_000_000
            if not early and not late and (sids is None or not held or held & set(sids)):
                chosen[folder / path] = digest
        return chosen

    def read(self, bundle, table, sids=None, start=None, end=None, version=None, as_of=None):
        """The rows of a table in the order of asset and time; `start` and `end` are days and both belong to it."""
        at = self.snapshot(bundle, version, as_of)
        columns = self.columns(self.tables(bundle, at)[table][0], at)
        pieces = [pyarrow.table({name: pyarrow.nulls(0) for name in columns.values()})]
        for path, digest in self.files(bundle, table, at, sids, start, end).items():
            content = path.read_bytes()
            if blake3.blake3(content).digest() != digest:
                raise OSError(f"{path} is damaged")
            piece = pyarrow.parquet.read_table(io.BytesIO(content))
            # Columns go by their field ids; a file from before a column was added has none of it.
            names = [columns.get(int(field.metadata[b"PARQUET:field_id"])) for field in piece.schema]
            pieces.append(piece.rename_columns([name or f"dropped {i}" for i, name in enumerate(names)]))
        rows = pyarrow.concat_tables(pieces, promote_options="permissive").select(list(columns.values()))
        stamp = {"session", "ts"} & set(columns.values())
        if sids is not None and rows.num_rows:
            rows = rows.filter(compute.is_in(rows["sid"], pyarrow.array(sids, rows["sid"].type)))
        for day, keep in ((start, compute.greater_equal), (end, compute.less_equal)):
            if day and stamp and rows.num_rows:
                rows = rows.filter(keep(compute.cast(rows[min(stamp)], pyarrow.date32()), day))
        return rows.sort_by([(name, "ascending") for name in ("sid", *stamp)]) if stamp and rows.num_rows else rows


def micros(instant):
    return round((instant - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1e6)


def midnight(day):
    return micros(datetime.combine(day, time(), timezone.utc))
