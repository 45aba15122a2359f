-- Sums over the files of every version that has none yet: when it is published, and once for those
-- of format 1. A version never gets nor loses a file, so that they stay as they are.
UPDATE rbt_bundle_version SET (bar_rows, files, bytes, files_new, bytes_new) = (
    SELECT CAST(coalesce(sum(CASE WHEN t.frequency IS NOT NULL THEN c.rows END), 0) AS BIGINT),
           count(c.data_file_id),
           CAST(coalesce(sum(f.file_size_bytes), 0) AS BIGINT),
           count(CASE WHEN c.begin_snapshot = rbt_bundle_version.snapshot_id THEN 1 END),
           CAST(coalesce(sum(CASE WHEN c.begin_snapshot = rbt_bundle_version.snapshot_id
                                  THEN f.file_size_bytes END), 0) AS BIGINT)
    FROM rbt_table t
    JOIN rbt_chunk c ON c.table_id = t.table_id AND c.begin_snapshot <= rbt_bundle_version.snapshot_id
         AND (c.end_snapshot IS NULL OR c.end_snapshot > rbt_bundle_version.snapshot_id)
    LEFT JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id
    WHERE t.bundle_id = rbt_bundle_version.bundle_id
) WHERE files IS NULL;
