"""Who waits for whom: the server's own account of its locks."""

# A wait for a row shows as one for a transaction; its table is known by the tuple's lock, which the
# first in the line holds.
WAITS = """
select waiting.pid as waiting,
       waiting.application_name as waiting_name,
       blocking.pid as blocking,
       blocking.application_name as blocking_name,
       coalesce(wanted.relation, of_row.relation)::regclass::text as "table",
       wanted.locktype as lock,
       wanted.mode as mode,
       extract(epoch from clock_timestamp() - wanted.waitstart)::float8 as waited_seconds,
       waiting.query as waiting_query,
       blocking.query as blocking_query
from pg_stat_activity as waiting
cross join lateral (select distinct unnest(pg_blocking_pids(waiting.pid)) as pid) as blocker
join pg_stat_activity as blocking on blocking.pid = blocker.pid
left join pg_locks as wanted on wanted.pid = waiting.pid and not wanted.granted
left join lateral (
    select relation from pg_locks
    where pid = waiting.pid and locktype = 'tuple' and granted
    limit 1
) as of_row on true
where waiting.datname = current_database()
order by waited_seconds desc nulls last, waiting.pid, blocking.pid
"""
