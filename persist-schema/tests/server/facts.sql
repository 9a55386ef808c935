-- What a server knows of the user's objects, as pairs of a key and a value; names are written with their schema.
WITH space AS (
    SELECT oid, nspname FROM pg_catalog.pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
), relation AS (
    SELECT c.*, s.nspname || '.' || c.relname AS full_name
    FROM pg_catalog.pg_class c JOIN space s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
), typed AS (
    SELECT t.*, s.nspname || '.' || t.typname AS full_name
    FROM pg_catalog.pg_type t JOIN space s ON s.oid = t.typnamespace
), columns AS (
    SELECT a.*, r.full_name || '.' || a.attname AS full_name, r.relkind, r.relispartition,
           row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
)
SELECT 'schema ' || nspname AS key, coalesce(obj_description(oid, 'pg_namespace'), '') AS value FROM space WHERE nspname <> 'public'
UNION ALL
SELECT 'relation ' || full_name,
       concat_ws(' ', CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
                                   WHEN 'v' THEN 'view' ELSE 'materialized view' END,
                 CASE WHEN relpersistence = 'u' THEN 'unlogged' END, CASE WHEN relrowsecurity THEN 'rls' END,
                 CASE WHEN relforcerowsecurity THEN 'forced' END, obj_description(oid, 'pg_class'))
FROM relation
UNION ALL
SELECT 'columns ' || r.full_name, string_agg(c.attname, ', ' ORDER BY c.position)
FROM relation r LEFT JOIN columns c ON c.attrelid = r.oid GROUP BY r.full_name
UNION ALL
SELECT 'parents ' || r.full_name, string_agg(p.full_name, ', ' ORDER BY i.inhseqno)
FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhrelid = r.oid JOIN relation p ON p.oid = i.inhparent GROUP BY r.full_name
UNION ALL
SELECT 'type of ' || full_name, format_type(atttypid, atttypmod) FROM columns
UNION ALL
SELECT 'not null ' || full_name, attnotnull::text FROM columns
UNION ALL
SELECT 'default of ' || c.full_name, pg_get_expr(d.adbin, d.adrelid)
FROM columns c JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
WHERE c.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) !~ '^NULL::'
UNION ALL
SELECT 'generated ' || c.full_name, pg_get_expr(d.adbin, d.adrelid)
FROM columns c JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum WHERE c.attgenerated <> ''
UNION ALL
-- Since PostgreSQL 17 partitions show the identity of their parent.
SELECT 'identity ' || full_name, CASE attidentity WHEN 'a' THEN 'always' ELSE 'by default' END
FROM columns WHERE attidentity <> '' AND NOT relispartition
UNION ALL
SELECT 'collation of ' || c.full_name, s.nspname || '.' || l.collname
FROM columns c JOIN pg_catalog.pg_collation l ON l.oid = c.attcollation JOIN pg_catalog.pg_namespace s ON s.oid = l.collnamespace
JOIN pg_catalog.pg_type t ON t.oid = c.atttypid
WHERE c.relkind NOT IN ('v', 'm') AND c.attcollation <> t.typcollation
UNION ALL
SELECT 'comment on ' || full_name, col_description(attrelid, attnum) FROM columns WHERE col_description(attrelid, attnum) IS NOT NULL
UNION ALL
SELECT 'inherited ' || full_name, 'yes' FROM columns WHERE attinhcount > 0
UNION ALL
SELECT 'constraint ' || r.full_name || '.' || k.conname,
       concat_ws(' ', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
                 CASE WHEN NOT k.convalidated THEN 'not validated' END, obj_description(k.oid, 'pg_constraint'))
FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT 'inherited constraint ' || r.full_name || '.' || k.conname, 'yes'
FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid
WHERE (k.contype = 'c' AND k.coninhcount > 0) OR (k.contype = 'f' AND k.conparentid <> 0)
UNION ALL
SELECT 'index ' || r.full_name || '.' || i.relname,
       regexp_replace(concat_ws(' ', regexp_replace(pg_get_indexdef(i.oid), ' WITH \([^)]*\)', ''), obj_description(i.oid, 'pg_class')), ' INDEX ("[^"]+"|\S+) ON (ONLY )?', ' INDEX ON ')
FROM relation r JOIN pg_catalog.pg_index x ON x.indrelid = r.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'partition key ' || full_name, pg_get_partkeydef(oid) FROM relation WHERE relkind = 'p'
UNION ALL
SELECT 'bound of ' || full_name, split_part(pg_get_expr(relpartbound, oid), '(', 1) FROM relation WHERE relispartition
UNION ALL
SELECT 'trigger ' || r.full_name || '.' || t.tgname,
       concat_ws(' ', regexp_replace(regexp_replace(pg_get_triggerdef(t.oid), ' TRIGGER \S+ ', ' TRIGGER '), ' ON \S+ ', ' ON … '), CASE WHEN t.tgenabled = 'D' THEN 'disabled' END)
FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule ' || r.full_name || '.' || w.rulename, 'yes'
FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'policy ' || schemaname || '.' || tablename || '.' || policyname,
       concat_ws(' ', permissive, cmd, array_to_string(roles, ','), 'using', qual, 'check', with_check)
FROM pg_catalog.pg_policies
UNION ALL
SELECT 'enum ' || t.full_name, concat_ws(' ', string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder), obj_description(t.oid, 'pg_type'))
FROM typed t LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid WHERE t.typtype = 'e' GROUP BY t.oid, t.full_name
UNION ALL
SELECT 'domain ' || t.full_name,
       concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END,
                 'default ' || pg_get_expr(t.typdefaultbin, 0), obj_description(t.oid, 'pg_type'))
FROM typed t WHERE t.typtype = 'd'
UNION ALL
SELECT 'constraint ' || t.full_name || '.' || k.conname,
       concat_ws(' ', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
                 CASE WHEN NOT k.convalidated THEN 'not validated' END, obj_description(k.oid, 'pg_constraint'))
FROM typed t JOIN pg_catalog.pg_constraint k ON k.contypid = t.oid WHERE k.contype = 'c'
UNION ALL
SELECT 'composite ' || t.full_name, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
FROM typed t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped GROUP BY t.full_name
UNION ALL
SELECT 'range ' || t.full_name, format_type(r.rngsubtype, NULL) FROM typed t JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
UNION ALL
SELECT 'sequence ' || s.nspname || '.' || c.relname,
       concat_ws(' ', format_type(q.seqtypid, NULL), q.seqincrement, q.seqstart, CASE WHEN q.seqcycle THEN 'cycle' END,
                 (SELECT CASE d.deptype WHEN 'i' THEN 'identity of ' ELSE 'owned by ' END || o.full_name
                  FROM pg_catalog.pg_depend d JOIN columns o ON o.attrelid = d.refobjid AND o.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')),
                 obj_description(c.oid, 'pg_class'))
FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN space s ON s.oid = c.relnamespace
UNION ALL
SELECT 'function ' || s.nspname || '.' || p.proname || '(' || (
           SELECT coalesce(string_agg(format_type(a.type, NULL), ', ' ORDER BY a.n), '')
           FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, n)) || ')',
       concat_ws(' ', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
                 CASE WHEN p.proretset THEN 'set of' END,
                 CASE WHEN p.prorettype NOT IN (2249) THEN CASE WHEN p.prokind <> 'p' THEN format_type(p.prorettype, NULL) END END,
                 obj_description(p.oid, 'pg_proc'))
FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
-- Those that come with a range type are not written by anybody.
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'i')
