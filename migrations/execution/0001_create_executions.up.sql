create table execution_plans (
  digest bytea primary key,
  content text not null,
  strategy_id uuid not null,
  strategy_revision integer not null,
  created_at timestamptz not null default now(),

  constraint ck_execution_plans_digest_is_sha256 check (octet_length(digest) = 32),
  constraint ck_execution_plans_strategy_revision_is_positive check (strategy_revision >= 1)
);

create index ix_execution_plans_strategy_id_strategy_revision on execution_plans (strategy_id, strategy_revision);

comment on table execution_plans is 'Strategies as they were resolved by catalog, node code included; immutable and shared by executions';
comment on column execution_plans.digest is 'SHA-256 of content in UTF-8; the plan''s identity';
comment on column execution_plans.content is 'The plan as canonical JSON; text, because jsonb would not keep the bytes that the digest covers';
comment on column execution_plans.strategy_id is 'Strategy in catalog';
comment on column execution_plans.strategy_revision is 'chain_strategies.version that the plan was resolved from; one revision can have several plans, as unpinned nodes change';
comment on column execution_plans.created_at is 'When the row was inserted';

create table chain_executions (
  id uuid primary key,
  strategy_id uuid not null,
  input_text text not null,
  output_text text,
  error text,
  status varchar(20) not null default 'pending',
  started_at timestamptz,
  completed_at timestamptz,
  execution_time_ms integer,
  created_by_id uuid not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  plan_digest bytea not null references execution_plans (digest),
  strategy_revision integer not null,
  event_sequence integer not null default 0,
  worker_id uuid,
  error_reason varchar(63),
  error_position integer,
  request_id uuid,
  request_digest bytea,

  constraint ck_chain_executions_status_is_known
    check (status = any ('{pending,in_progress,success,failed,cancelled}')),
  constraint ck_chain_executions_is_completed_when_terminal
    check ((status = any ('{success,failed,cancelled}')) = (completed_at is not null)),
  constraint ck_chain_executions_in_progress_is_claimed
    check (status <> 'in_progress' or (worker_id is not null and started_at is not null)),
  constraint ck_chain_executions_success_has_output
    check (status <> 'success' or (output_text is not null and error is null and error_reason is null)),
  constraint ck_chain_executions_failed_has_error
    check (status <> 'failed' or (error is not null and error_reason is not null)),
  constraint ck_chain_executions_execution_time_ms_is_not_negative check (execution_time_ms >= 0),
  constraint ck_chain_executions_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  constraint ck_chain_executions_version_is_positive check (version >= 1),
  constraint ck_chain_executions_strategy_revision_is_positive check (strategy_revision >= 1),
  constraint ck_chain_executions_event_sequence_is_not_negative check (event_sequence >= 0),
  constraint ck_chain_executions_error_position_is_positive check (error_position >= 1),
  constraint ck_chain_executions_request_digest_is_sha256 check (octet_length(request_digest) = 32),
  constraint ck_chain_executions_request_is_complete check ((request_id is null) = (request_digest is null))
);

create index ix_chain_executions_strategy_id on chain_executions (strategy_id);
create index ix_chain_executions_status on chain_executions (status);
create unique index ix_chain_executions_created_by_id_request_id
  on chain_executions (created_by_id, request_id) where request_id is not null;
-- The two questions that workers ask all the time; the indexes hold only live rows, so they stay small for ever.
create index ix_chain_executions_id_pending on chain_executions (id) where status = 'pending';
create index ix_chain_executions_worker_id_in_progress on chain_executions (worker_id) where status = 'in_progress';

comment on table chain_executions is 'Runs of a strategy on one input text';
comment on column chain_executions.id is 'UUIDv7, made by the application; time-ordered, so workers poll the oldest first';
comment on column chain_executions.strategy_id is 'Strategy in catalog';
comment on column chain_executions.input_text is 'Input of the first position';
comment on column chain_executions.output_text is 'Output of the last position; set on success';
comment on column chain_executions.error is 'Why it failed, for people';
comment on column chain_executions.status is 'pending, in_progress, success, failed or cancelled; the last three are terminal and never change (E2)';
comment on column chain_executions.started_at is 'First claim by a worker';
comment on column chain_executions.completed_at is 'When it became terminal';
comment on column chain_executions.execution_time_ms is 'From started_at to completed_at, in milliseconds';
comment on column chain_executions.created_by_id is 'User or service account in identity that started it';
comment on column chain_executions.metadata is 'JSON object of the caller';
comment on column chain_executions.created_at is 'When the row was inserted';
comment on column chain_executions.updated_at is 'When the row last changed';
comment on column chain_executions.version is '1 when accepted, one more with each claim and at the end; a worker writes only while it still is what its claim set (E3)';
comment on column chain_executions.plan_digest is 'The plan that this execution is pinned to';
comment on column chain_executions.strategy_revision is 'Revision of the strategy in that plan';
comment on column chain_executions.event_sequence is 'Number of the last event that was recorded for this execution; events count from 1 without gaps (E5)';
comment on column chain_executions.worker_id is 'Worker of the last claim. No foreign key: it outlives the row in workers';
comment on column chain_executions.error_reason is 'UPPER_SNAKE reason of the failure, for programs';
comment on column chain_executions.error_position is 'Position that failed; NULL when no position is to blame';
comment on column chain_executions.request_id is 'Idempotency key of the call that started it; unique per creator';
comment on column chain_executions.request_digest is 'SHA-256 of that call''s canonical request: tells a repetition from a reuse of the key';

create table node_executions (
  id uuid primary key,
  execution_id uuid not null references chain_executions (id) on delete cascade,
  node_id uuid not null,
  input_text text not null,
  output_text text,
  error text,
  status varchar(20) not null,
  started_at timestamptz,
  completed_at timestamptz,
  execution_time_ms integer,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  position integer not null,
  attempt integer not null,
  node_revision integer not null,
  error_reason varchar(63),

  constraint ck_node_executions_status_is_known
    check (status = any ('{pending,in_progress,success,failed,cancelled}')),
  constraint ck_node_executions_is_completed_when_terminal
    check ((status = any ('{success,failed,cancelled}')) = (completed_at is not null)),
  constraint ck_node_executions_success_has_output
    check (status <> 'success' or (output_text is not null and error is null and error_reason is null)),
  constraint ck_node_executions_failed_has_error
    check (status <> 'failed' or (error is not null and error_reason is not null)),
  constraint ck_node_executions_execution_time_ms_is_not_negative check (execution_time_ms >= 0),
  constraint ck_node_executions_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  constraint ck_node_executions_position_is_positive check (position >= 1),
  constraint ck_node_executions_attempt_is_positive check (attempt >= 1),
  constraint ck_node_executions_node_revision_is_positive check (node_revision >= 1),
  constraint uq_node_executions_execution_id_position_attempt unique (execution_id, position, attempt)
);

create index ix_node_executions_execution_id on node_executions (execution_id);
create index ix_node_executions_node_id on node_executions (node_id);
create index ix_node_executions_status on node_executions (status);
-- E4: at most one success per position, whatever two workers that both think they hold the claim may do.
create unique index ix_node_executions_execution_id_position_success
  on node_executions (execution_id, position) where status = 'success';

comment on table node_executions is 'Attempts to run one position of an execution';
comment on column node_executions.id is 'UUIDv7, made by the application';
comment on column node_executions.execution_id is 'The execution that this attempt belongs to';
comment on column node_executions.node_id is 'Node in catalog';
comment on column node_executions.input_text is 'Input of this position: the recorded output of the one before (E4)';
comment on column node_executions.output_text is 'What the next position gets: what the node returned, or the text that went on instead of a failure that was passed over';
comment on column node_executions.error is 'Why the attempt failed, for people';
comment on column node_executions.status is 'pending, in_progress, success, failed or cancelled';
comment on column node_executions.started_at is 'When the node began to run';
comment on column node_executions.completed_at is 'When the attempt ended';
comment on column node_executions.execution_time_ms is 'Time in the node, in milliseconds';
comment on column node_executions.metadata is 'JSON object: what the engine notes on the attempt, for example its log';
comment on column node_executions.created_at is 'When the row was inserted';
comment on column node_executions.updated_at is 'When the row last changed';
comment on column node_executions.position is 'Place in the chain, from 1';
comment on column node_executions.attempt is 'Number of the attempt at this position, from 1';
comment on column node_executions.node_revision is 'Revision of the node that ran';
comment on column node_executions.error_reason is 'UPPER_SNAKE reason of the failure, for programs';
