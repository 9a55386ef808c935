-- The start page: each pipeline with its latest execution.

CREATE VIEW pipeline_overview AS
SELECT p.id,
       p.name,
       p.is_active,
       u.display_name AS owner_name,
       (SELECT count(*) FROM pipeline_steps s WHERE s.pipeline_id = p.id) AS step_count,
       e.execution_number AS latest_execution_number,
       e.status AS latest_status,
       e.finished_at AS latest_finished_at
FROM pipelines p
LEFT JOIN users u ON u.id = p.owner_id
LEFT JOIN LATERAL (
    SELECT x.execution_number, x.status, x.finished_at
    FROM pipeline_executions x
    WHERE x.pipeline_id = p.id
    ORDER BY x.execution_number DESC
    LIMIT 1
) e ON true;

COMMENT ON VIEW pipeline_overview IS 'Each pipeline with its owner and its latest execution.';
