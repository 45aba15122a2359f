-- What RustyBT knows beyond DuckLake. Times are microseconds of UTC.

-- store_format, and what wrote it.
CREATE TABLE rbt_meta(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);

-- A bundle is a DuckLake schema. head_version is what an ingest compares and swaps.
CREATE TABLE rbt_bundle(
    bundle_id BIGINT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    calendar TEXT NOT NULL,
    schema_id BIGINT,
    head_version BIGINT,
    config_json TEXT
);

-- A version is a snapshot. summary_json tells of the ingest that made it.
CREATE TABLE rbt_bundle_version(
    bundle_id BIGINT NOT NULL REFERENCES rbt_bundle(bundle_id),
    version BIGINT NOT NULL,
    snapshot_id BIGINT NOT NULL UNIQUE,
    parent_version BIGINT,
    created_us BIGINT NOT NULL,
    data_from_us BIGINT,
    data_to_us BIGINT,
    assets BIGINT NOT NULL,
    source_json TEXT NOT NULL,
    quality_score DOUBLE PRECISION,
    state TEXT NOT NULL,
    PRIMARY KEY(bundle_id, version)
);

-- A table's frequency, placement and digits behind the point.
CREATE TABLE rbt_table(
    table_id BIGINT PRIMARY KEY NOT NULL,
    bundle_id BIGINT NOT NULL REFERENCES rbt_bundle(bundle_id),
    dataset TEXT NOT NULL,
    frequency TEXT,
    placement TEXT NOT NULL,
    bucket_size BIGINT,
    price_precision BIGINT NOT NULL,
    price_scale BIGINT NOT NULL,
    size_precision BIGINT NOT NULL,
    size_scale BIGINT NOT NULL,
    ts_meaning TEXT,
    sort_key TEXT NOT NULL
);

-- A file, what it holds and how to know that it is whole. `extents` lists the rows of each asset.
CREATE TABLE rbt_chunk(
    table_id BIGINT NOT NULL REFERENCES rbt_table(table_id),
    part BIGINT NOT NULL,
    period BIGINT NOT NULL,
    begin_snapshot BIGINT NOT NULL,
    end_snapshot BIGINT,
    data_file_id BIGINT NOT NULL,
    content_hash BLOB NOT NULL,
    file_hash BLOB NOT NULL,
    rows BIGINT NOT NULL,
    ts_min_us BIGINT,
    ts_max_us BIGINT,
    extents BLOB NOT NULL,
    PRIMARY KEY(table_id, part, period, begin_snapshot)
);
CREATE INDEX rbt_chunk_file ON rbt_chunk(data_file_id);
