-- Generated from the migrations beside it, for review and for the drift check. Do not edit.

create table chain_executions (
  id uuid not null,
  strategy_id uuid not null,
  input_text text not null,
  output_text text,
  error text,
  status character varying(20) default 'pending'::character varying not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  execution_time_ms integer,
  created_by_id uuid not null,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  plan_digest bytea not null,
  strategy_revision integer not null,
  event_sequence integer default 0 not null,
  worker_id uuid,
  error_reason character varying(63),
  error_position integer,
  request_id uuid,
  request_digest bytea,
  constraint chain_executions_pkey PRIMARY KEY (id),
  constraint ck_chain_executions_error_position_is_positive CHECK ((error_position >= 1)),
  constraint ck_chain_executions_event_sequence_is_not_negative CHECK ((event_sequence >= 0)),
  constraint ck_chain_executions_execution_time_ms_is_not_negative CHECK ((execution_time_ms >= 0)),
  constraint ck_chain_executions_failed_has_error CHECK ((((status)::text <> 'failed'::text) OR ((error IS NOT NULL) AND (error_reason IS NOT NULL)))),
  constraint ck_chain_executions_in_progress_is_claimed CHECK ((((status)::text <> 'in_progress'::text) OR ((worker_id IS NOT NULL) AND (started_at IS NOT NULL)))),
  constraint ck_chain_executions_is_completed_when_terminal CHECK ((((status)::text = ANY ('{success,failed,cancelled}'::text[])) = (completed_at IS NOT NULL))),
  constraint ck_chain_executions_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint ck_chain_executions_request_digest_is_sha256 CHECK ((octet_length(request_digest) = 32)),
  constraint ck_chain_executions_request_is_complete CHECK (((request_id IS NULL) = (request_digest IS NULL))),
  constraint ck_chain_executions_status_is_known CHECK (((status)::text = ANY ('{pending,in_progress,success,failed,cancelled}'::text[]))),
  constraint ck_chain_executions_strategy_revision_is_positive CHECK ((strategy_revision >= 1)),
  constraint ck_chain_executions_success_has_output CHECK ((((status)::text <> 'success'::text) OR ((output_text IS NOT NULL) AND (error IS NULL) AND (error_reason IS NULL)))),
  constraint ck_chain_executions_version_is_positive CHECK ((version >= 1))
);
CREATE UNIQUE INDEX ix_chain_executions_created_by_id_request_id ON public.chain_executions USING btree (created_by_id, request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX ix_chain_executions_id_pending ON public.chain_executions USING btree (id) WHERE ((status)::text = 'pending'::text);
CREATE INDEX ix_chain_executions_status ON public.chain_executions USING btree (status);
CREATE INDEX ix_chain_executions_strategy_id ON public.chain_executions USING btree (strategy_id);
CREATE INDEX ix_chain_executions_worker_id_in_progress ON public.chain_executions USING btree (worker_id) WHERE ((status)::text = 'in_progress'::text);
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

create table execution_plans (
  digest bytea not null,
  content text not null,
  strategy_id uuid not null,
  strategy_revision integer not null,
  created_at timestamp with time zone default now() not null,
  constraint execution_plans_pkey PRIMARY KEY (digest),
  constraint ck_execution_plans_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
  constraint ck_execution_plans_strategy_revision_is_positive CHECK ((strategy_revision >= 1))
);
CREATE INDEX ix_execution_plans_strategy_id_strategy_revision ON public.execution_plans USING btree (strategy_id, strategy_revision);
comment on table execution_plans is 'Strategies as they were resolved by catalog, node code included; immutable and shared by executions';
comment on column execution_plans.digest is 'SHA-256 of content in UTF-8; the plan''s identity';
comment on column execution_plans.content is 'The plan as canonical JSON; text, because jsonb would not keep the bytes that the digest covers';
comment on column execution_plans.strategy_id is 'Strategy in catalog';
comment on column execution_plans.strategy_revision is 'chain_strategies.version that the plan was resolved from; one revision can have several plans, as unpinned nodes change';
comment on column execution_plans.created_at is 'When the row was inserted';

create table node_executions (
  id uuid not null,
  execution_id uuid not null,
  node_id uuid not null,
  input_text text not null,
  output_text text,
  error text,
  status character varying(20) not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  execution_time_ms integer,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  "position" integer not null,
  attempt integer not null,
  node_revision integer not null,
  error_reason character varying(63),
  constraint node_executions_pkey PRIMARY KEY (id),
  constraint uq_node_executions_execution_id_position_attempt UNIQUE (execution_id, "position", attempt),
  constraint ck_node_executions_attempt_is_positive CHECK ((attempt >= 1)),
  constraint ck_node_executions_execution_time_ms_is_not_negative CHECK ((execution_time_ms >= 0)),
  constraint ck_node_executions_failed_has_error CHECK ((((status)::text <> 'failed'::text) OR ((error IS NOT NULL) AND (error_reason IS NOT NULL)))),
  constraint ck_node_executions_is_completed_when_terminal CHECK ((((status)::text = ANY ('{success,failed,cancelled}'::text[])) = (completed_at IS NOT NULL))),
  constraint ck_node_executions_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint ck_node_executions_node_revision_is_positive CHECK ((node_revision >= 1)),
  constraint ck_node_executions_position_is_positive CHECK (("position" >= 1)),
  constraint ck_node_executions_status_is_known CHECK (((status)::text = ANY ('{pending,in_progress,success,failed,cancelled}'::text[]))),
  constraint ck_node_executions_success_has_output CHECK ((((status)::text <> 'success'::text) OR ((output_text IS NOT NULL) AND (error IS NULL) AND (error_reason IS NULL))))
);
CREATE INDEX ix_node_executions_execution_id ON public.node_executions USING btree (execution_id);
CREATE UNIQUE INDEX ix_node_executions_execution_id_position_success ON public.node_executions USING btree (execution_id, "position") WHERE ((status)::text = 'success'::text);
CREATE INDEX ix_node_executions_node_id ON public.node_executions USING btree (node_id);
CREATE INDEX ix_node_executions_status ON public.node_executions USING btree (status);
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
comment on column node_executions."position" is 'Place in the chain, from 1';
comment on column node_executions.attempt is 'Number of the attempt at this position, from 1';
comment on column node_executions.node_revision is 'Revision of the node that ran';
comment on column node_executions.error_reason is 'UPPER_SNAKE reason of the failure, for programs';

create table outbox (
  id uuid not null,
  events jsonb not null,
  created_at timestamp with time zone default now() not null,
  published_at timestamp with time zone,
  constraint outbox_pkey PRIMARY KEY (id),
  constraint ck_outbox_events_is_not_empty CHECK (
CASE
    WHEN (jsonb_typeof(events) = 'array'::text) THEN (jsonb_array_length(events) > 0)
    ELSE false
END)
);
CREATE INDEX ix_outbox_id_unpublished ON public.outbox USING btree (id) WHERE (published_at IS NULL);
comment on table outbox is 'Events on their way to NATS, written in the transaction that they tell of (E5); one row per transaction';
comment on column outbox.id is 'UUIDv7, made by the application; the relay publishes in this order';
comment on column outbox.events is 'JSON array of all events of the transaction, at least one, in order';
comment on column outbox.created_at is 'When the row was inserted';
comment on column outbox.published_at is 'When the stream acknowledged all of them; NULL until then';

create table workers (
  id uuid not null,
  host_name text not null,
  process_id integer not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  heartbeat_at timestamp with time zone default clock_timestamp() not null,
  constraint workers_pkey PRIMARY KEY (id)
);
comment on table workers is 'Processes that run executions. A worker whose heartbeat is older than the lease has lost its executions; PostgreSQL''s clock_timestamp() decides that, never a worker''s clock (E7)';
comment on column workers.id is 'UUIDv7, made anew by each process at its start';
comment on column workers.host_name is 'Where it runs, for people';
comment on column workers.process_id is 'Its process id there, for people';
comment on column workers.started_at is 'When it registered, by clock_timestamp()';
comment on column workers.heartbeat_at is 'When it last proved to be alive, by clock_timestamp(); one row per worker, not per execution';

alter table chain_executions add constraint chain_executions_plan_digest_fkey FOREIGN KEY (plan_digest) REFERENCES execution_plans(digest);
alter table node_executions add constraint node_executions_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES chain_executions(id) ON DELETE CASCADE;
