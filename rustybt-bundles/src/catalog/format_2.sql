-- From store format 1 to 2: seals, pins, jobs, known orphans, several files of a part and period, the
-- columns of user tables, and what was moved to an archive.

-- A hash of all that the catalog says of a version; null for those from before.
ALTER TABLE rbt_bundle_version ADD COLUMN seal BLOB;

-- What a version holds, so that listing versions need not add up their files: see sums.sql.
ALTER TABLE rbt_bundle_version ADD COLUMN bar_rows BIGINT;
ALTER TABLE rbt_bundle_version ADD COLUMN files BIGINT;
ALTER TABLE rbt_bundle_version ADD COLUMN bytes BIGINT;
ALTER TABLE rbt_bundle_version ADD COLUMN files_new BIGINT;
ALTER TABLE rbt_bundle_version ADD COLUMN bytes_new BIGINT;

-- A name for a version, such as `prod`: what keeps it.
CREATE TABLE rbt_pin(
    bundle_id BIGINT NOT NULL REFERENCES rbt_bundle(bundle_id),
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    note TEXT,
    created_us BIGINT NOT NULL,
    PRIMARY KEY(bundle_id, name)
);

-- An ingest, from its beginning on; it may outlive its bundle.
CREATE TABLE rbt_job(
    job_id TEXT PRIMARY KEY NOT NULL,
    bundle_id BIGINT,
    bundle_name TEXT NOT NULL,
    source TEXT NOT NULL,
    params_json TEXT NOT NULL,
    state TEXT NOT NULL,
    base_version BIGINT,
    fence BIGINT,
    owner_pid BIGINT,
    owner_host TEXT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    finished_us BIGINT,
    progress_json TEXT,
    report_json TEXT,
    error TEXT
);

-- What a job has staged already, so that it is not fetched again.
CREATE TABLE rbt_job_chunk(
    job_id TEXT NOT NULL REFERENCES rbt_job(job_id),
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY(job_id, key)
);

-- Files that a job may have put below data/: where it dies, its orphans are known by name.
CREATE TABLE rbt_staged(
    job_id TEXT NOT NULL,
    path TEXT PRIMARY KEY NOT NULL,
    bytes BIGINT NOT NULL
);
CREATE INDEX rbt_staged_job ON rbt_staged(job_id);

-- What was moved elsewhere. `path` is where it lies now.
CREATE TABLE rbt_archive(
    table_id BIGINT NOT NULL,
    path TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    part BIGINT NOT NULL DEFAULT 0,
    period BIGINT NOT NULL DEFAULT 0,
    file_hash BLOB,
    ts_min_us BIGINT,
    ts_max_us BIGINT,
    archived_us BIGINT NOT NULL,
    PRIMARY KEY(table_id, path)
);

-- It grows with every writer, so that one who was thought dead can be told that he is.
ALTER TABLE rbt_bundle ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;

-- The columns of a user table; null for those that every store has.
ALTER TABLE rbt_table ADD COLUMN columns_json TEXT;

-- Several files of one part and period, each a range of time of its own.
CREATE TABLE rbt_chunk_2(
    table_id BIGINT NOT NULL REFERENCES rbt_table(table_id),
    part BIGINT NOT NULL,
    period BIGINT NOT NULL,
    segment BIGINT NOT NULL DEFAULT 0,
    begin_snapshot BIGINT NOT NULL,
    end_snapshot BIGINT,
    data_file_id BIGINT NOT NULL,
    content_hash BLOB NOT NULL,
    file_hash BLOB NOT NULL,
    rows BIGINT NOT NULL,
    ts_min_us BIGINT,
    ts_max_us BIGINT,
    extents BLOB NOT NULL,
    PRIMARY KEY(table_id, part, period, segment, begin_snapshot)
);
INSERT INTO rbt_chunk_2(table_id, part, period, begin_snapshot, end_snapshot, data_file_id,
    content_hash, file_hash, rows, ts_min_us, ts_max_us, extents)
SELECT table_id, part, period, begin_snapshot, end_snapshot, data_file_id,
    content_hash, file_hash, rows, ts_min_us, ts_max_us, extents
FROM rbt_chunk;
DROP TABLE rbt_chunk;
ALTER TABLE rbt_chunk_2 RENAME TO rbt_chunk;
CREATE INDEX rbt_chunk_file ON rbt_chunk(data_file_id);
