create table nodes (
  id uuid primary key,
  name varchar(255) not null,
  description text not null default '',
  code text not null,
  created_by_id uuid,
  is_builtin boolean not null default false,
  is_active boolean not null default true,
  metadata jsonb not null default '{}',
  tags varchar[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  request_id uuid,
  request_digest bytea,

  constraint ck_nodes_name_is_not_empty check (name <> ''),
  constraint ck_nodes_code_is_bounded check (octet_length(code) <= 262144),
  constraint ck_nodes_has_creator_or_is_builtin check (is_builtin or created_by_id is not null),
  constraint ck_nodes_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  constraint ck_nodes_tags_have_no_null check (array_position(tags, null) is null),
  constraint ck_nodes_version_is_positive check (version >= 1),
  constraint ck_nodes_request_digest_is_sha256 check (octet_length(request_digest) = 32),
  constraint ck_nodes_request_is_complete check ((request_id is null) = (request_digest is null)),
  constraint ck_nodes_request_has_creator check (request_id is null or created_by_id is not null)
);

create index ix_nodes_name on nodes (name);
create unique index ix_nodes_created_by_id_request_id on nodes (created_by_id, request_id) where request_id is not null;

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
