create table workers (
  id uuid primary key,
  host_name text not null,
  process_id integer not null,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp()
);

comment on table workers is 'Processes that run executions. A worker whose heartbeat is older than the lease has lost its executions; PostgreSQL''s clock_timestamp() decides that, never a worker''s clock (E7)';
comment on column workers.id is 'UUIDv7, made anew by each process at its start';
comment on column workers.host_name is 'Where it runs, for people';
comment on column workers.process_id is 'Its process id there, for people';
comment on column workers.started_at is 'When it registered, by clock_timestamp()';
comment on column workers.heartbeat_at is 'When it last proved to be alive, by clock_timestamp(); one row per worker, not per execution';
