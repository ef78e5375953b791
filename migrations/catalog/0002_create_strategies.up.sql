create table chain_strategies (
  id uuid primary key,
  name varchar(255) not null,
  description text not null default '',
  created_by_id uuid not null,
  is_active boolean not null default true,
  tags varchar[] not null default '{}',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  event_detail varchar(20) not null default 'lifecycle',
  durability varchar(20) not null default 'flow',
  request_id uuid,
  request_digest bytea,

  constraint ck_chain_strategies_name_is_not_empty check (name <> ''),
  constraint ck_chain_strategies_tags_have_no_null check (array_position(tags, null) is null),
  constraint ck_chain_strategies_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  constraint ck_chain_strategies_version_is_positive check (version >= 1),
  constraint ck_chain_strategies_event_detail_is_known check (event_detail = any ('{lifecycle,steps}')),
  constraint ck_chain_strategies_durability_is_known check (durability = any ('{flow,step}')),
  constraint ck_chain_strategies_request_digest_is_sha256 check (octet_length(request_digest) = 32),
  constraint ck_chain_strategies_request_is_complete check ((request_id is null) = (request_digest is null))
);

create index ix_chain_strategies_name on chain_strategies (name);
create unique index ix_chain_strategies_created_by_id_request_id
  on chain_strategies (created_by_id, request_id) where request_id is not null;

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

create table strategy_nodes (
  id uuid primary key,
  strategy_id uuid not null references chain_strategies (id) on delete cascade,
  node_id uuid not null references nodes (id) on delete restrict,
  position integer not null,
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  node_revision integer,

  constraint ck_strategy_nodes_position_is_positive check (position >= 1),
  constraint ck_strategy_nodes_config_is_object check (jsonb_typeof(config) = 'object'),
  constraint ck_strategy_nodes_node_revision_is_positive check (node_revision >= 1),
  -- Deferrable, so that one UPDATE may shift many positions: it is checked after the statement, not after each row.
  constraint uq_strategy_nodes_strategy_id_position unique (strategy_id, position) deferrable initially immediate
);

create index ix_strategy_nodes_strategy_id on strategy_nodes (strategy_id);
create index ix_strategy_nodes_node_id on strategy_nodes (node_id);

comment on table strategy_nodes is 'Which node runs at which position of a strategy, and with what configuration';
comment on column strategy_nodes.id is 'UUIDv7, made by the application';
comment on column strategy_nodes.strategy_id is 'The strategy that this position belongs to';
comment on column strategy_nodes.node_id is 'The node that runs here; it cannot be deleted while it is used';
comment on column strategy_nodes.position is 'Place in the chain, from 1 without gaps';
comment on column strategy_nodes.config is 'JSON object handed to the node; the reserved key $policy holds the engine''s timeout, retry and on_error settings';
comment on column strategy_nodes.created_at is 'When the row was inserted';
comment on column strategy_nodes.updated_at is 'When the row last changed';
comment on column strategy_nodes.node_revision is 'Revision of the node that runs here; NULL: the newest one at the time of the start';
