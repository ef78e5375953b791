-- Generated from the migrations beside it, for review and for the drift check. Do not edit.

create table chain_strategies (
  id uuid not null,
  name character varying(255) not null,
  description text default ''::text not null,
  created_by_id uuid not null,
  is_active boolean default true not null,
  tags character varying[] default '{}'::character varying[] not null,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  event_detail character varying(20) default 'lifecycle'::character varying not null,
  durability character varying(20) default 'flow'::character varying not null,
  request_id uuid,
  request_digest bytea,
  constraint chain_strategies_pkey PRIMARY KEY (id),
  constraint ck_chain_strategies_durability_is_known CHECK (((durability)::text = ANY ('{flow,step}'::text[]))),
  constraint ck_chain_strategies_event_detail_is_known CHECK (((event_detail)::text = ANY ('{lifecycle,steps}'::text[]))),
  constraint ck_chain_strategies_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint ck_chain_strategies_name_is_not_empty CHECK (((name)::text <> ''::text)),
  constraint ck_chain_strategies_request_digest_is_sha256 CHECK ((octet_length(request_digest) = 32)),
  constraint ck_chain_strategies_request_is_complete CHECK (((request_id IS NULL) = (request_digest IS NULL))),
  constraint ck_chain_strategies_tags_have_no_null CHECK ((array_position(tags, NULL::character varying) IS NULL)),
  constraint ck_chain_strategies_version_is_positive CHECK ((version >= 1))
);
CREATE UNIQUE INDEX ix_chain_strategies_created_by_id_request_id ON public.chain_strategies USING btree (created_by_id, request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX ix_chain_strategies_name ON public.chain_strategies USING btree (name);
comment on table chain_strategies is 'Ordered lists of nodes; each start of a strategy is an execution';
comment on column chain_strategies.id is 'UUIDv7, made by the application';
comment on column chain_strategies.name is 'Name to show; not unique';
comment on column chain_strategies.description is 'What the strategy does, for people; empty when nobody wrote it';
comment on column chain_strategies.created_by_id is 'User or service account in identity, owner of the strategy';
comment on column chain_strategies.is_active is 'False: may not be started';
comment on column chain_strategies.tags is 'Free labels to search by';
comment on column chain_strategies.metadata is 'JSON object owned by whoever writes the strategy';
comment on column chain_strategies.created_at is 'When the row was inserted';
comment on column chain_strategies.updated_at is 'When the row, or a position of the strategy, last changed';
comment on column chain_strategies.version is 'Goes up by one with each change, of its positions too; optimistic locking, and the revision that an execution pins';
comment on column chain_strategies.event_detail is 'lifecycle: events on the execution only; steps: events on each node as well';
comment on column chain_strategies.durability is 'flow: steps are recorded in batches; step: each is recorded before the next begins, for nodes with effects';
comment on column chain_strategies.request_id is 'Idempotency key of the call that created the row; unique per creator';
comment on column chain_strategies.request_digest is 'SHA-256 of that call''s canonical request: tells a repetition from a reuse of the key';

create table nodes (
  id uuid not null,
  name character varying(255) not null,
  description text default ''::text not null,
  code text not null,
  created_by_id uuid,
  is_builtin boolean default false not null,
  is_active boolean default true not null,
  metadata jsonb default '{}'::jsonb not null,
  tags character varying[] default '{}'::character varying[] not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  request_id uuid,
  request_digest bytea,
  constraint nodes_pkey PRIMARY KEY (id),
  constraint ck_nodes_code_is_bounded CHECK ((octet_length(code) <= 262144)),
  constraint ck_nodes_has_creator_or_is_builtin CHECK ((is_builtin OR (created_by_id IS NOT NULL))),
  constraint ck_nodes_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint ck_nodes_name_is_not_empty CHECK (((name)::text <> ''::text)),
  constraint ck_nodes_request_digest_is_sha256 CHECK ((octet_length(request_digest) = 32)),
  constraint ck_nodes_request_has_creator CHECK (((request_id IS NULL) OR (created_by_id IS NOT NULL))),
  constraint ck_nodes_request_is_complete CHECK (((request_id IS NULL) = (request_digest IS NULL))),
  constraint ck_nodes_tags_have_no_null CHECK ((array_position(tags, NULL::character varying) IS NULL)),
  constraint ck_nodes_version_is_positive CHECK ((version >= 1))
);
CREATE UNIQUE INDEX ix_nodes_created_by_id_request_id ON public.nodes USING btree (created_by_id, request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX ix_nodes_name ON public.nodes USING btree (name);
comment on table nodes is 'Pieces of code that turn text into text; the building blocks of strategies';
comment on column nodes.id is 'UUIDv7, made by the application';
comment on column nodes.name is 'Name to show; not unique';
comment on column nodes.description is 'What the node does, for people; empty when nobody wrote it';
comment on column nodes.code is 'Source text, at most 256 KiB; for a builtin node the name of the built-in function';
comment on column nodes.created_by_id is 'User or service account in identity, owner of the node; NULL for a builtin node that the system made';
comment on column nodes.is_builtin is 'True: runs inside the worker, not in the sandbox';
comment on column nodes.is_active is 'False: may not be used by a new or changed strategy';
comment on column nodes.metadata is 'JSON object: language, config_schema and what the owner adds';
comment on column nodes.tags is 'Free labels to search by';
comment on column nodes.created_at is 'When the row was inserted';
comment on column nodes.updated_at is 'When the row last changed';
comment on column nodes.version is 'Goes up by one with each change; optimistic locking, and the revision that a strategy may pin';
comment on column nodes.request_id is 'Idempotency key of the call that created the row; unique per creator';
comment on column nodes.request_digest is 'SHA-256 of that call''s canonical request: tells a repetition from a reuse of the key';

create table strategy_nodes (
  id uuid not null,
  strategy_id uuid not null,
  node_id uuid not null,
  "position" integer not null,
  config jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  node_revision integer,
  constraint strategy_nodes_pkey PRIMARY KEY (id),
  constraint uq_strategy_nodes_strategy_id_position UNIQUE (strategy_id, "position") DEFERRABLE,
  constraint ck_strategy_nodes_config_is_object CHECK ((jsonb_typeof(config) = 'object'::text)),
  constraint ck_strategy_nodes_node_revision_is_positive CHECK ((node_revision >= 1)),
  constraint ck_strategy_nodes_position_is_positive CHECK (("position" >= 1))
);
CREATE INDEX ix_strategy_nodes_node_id ON public.strategy_nodes USING btree (node_id);
CREATE INDEX ix_strategy_nodes_strategy_id ON public.strategy_nodes USING btree (strategy_id);
comment on table strategy_nodes is 'Which node runs at which position of a strategy, and with what configuration';
comment on column strategy_nodes.id is 'UUIDv7, made by the application';
comment on column strategy_nodes.strategy_id is 'The strategy that this position belongs to';
comment on column strategy_nodes.node_id is 'The node that runs here; it cannot be deleted while it is used';
comment on column strategy_nodes."position" is 'Place in the chain, from 1 without gaps';
comment on column strategy_nodes.config is 'JSON object handed to the node; the reserved key $policy holds the engine''s timeout, retry and on_error settings';
comment on column strategy_nodes.created_at is 'When the row was inserted';
comment on column strategy_nodes.updated_at is 'When the row last changed';
comment on column strategy_nodes.node_revision is 'Revision of the node that runs here; NULL: the newest one at the time of the start';

alter table strategy_nodes add constraint strategy_nodes_node_id_fkey FOREIGN KEY (node_id) REFERENCES nodes(id) ON DELETE RESTRICT;
alter table strategy_nodes add constraint strategy_nodes_strategy_id_fkey FOREIGN KEY (strategy_id) REFERENCES chain_strategies(id) ON DELETE CASCADE;
