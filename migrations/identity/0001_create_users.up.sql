create table users (
  id uuid primary key,
  email varchar(255) not null,
  password_hash varchar(255) not null,
  full_name varchar(255) not null,
  is_active boolean not null default true,
  is_superuser boolean not null default false,
  roles varchar[] not null default '{}',
  preferences jsonb not null default '{}',
  last_login timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  created_by_id uuid,
  request_id uuid,
  request_digest bytea,

  constraint ck_users_email_is_normalized check (email = lower(email) and email = btrim(email) and email <> ''),
  constraint ck_users_roles_are_known check (roles <@ array['admin', 'editor', 'viewer']::varchar[]),
  constraint ck_users_preferences_is_object check (jsonb_typeof(preferences) = 'object'),
  constraint ck_users_version_is_positive check (version >= 1),
  constraint ck_users_request_digest_is_sha256 check (octet_length(request_digest) = 32),
  constraint ck_users_request_is_complete check ((request_id is null) = (request_digest is null)),
  -- Two NULL creators are different to a unique index, so a request id without a creator would protect nothing.
  constraint ck_users_request_has_creator check (request_id is null or created_by_id is not null)
);

create unique index ix_users_email on users (email);
create unique index ix_users_created_by_id_request_id on users (created_by_id, request_id) where request_id is not null;

comment on table users is 'People who may sign in, and what they may do';
comment on column users.id is 'UUIDv7, made by the application';
comment on column users.email is 'Sign-in name; the application stores it trimmed and in lower case';
comment on column users.password_hash is 'argon2id in PHC string format, parameters included';
comment on column users.full_name is 'Name to show';
comment on column users.is_active is 'False: may not sign in or refresh tokens; users are never deleted';
comment on column users.is_superuser is 'True: passes every role check';
comment on column users.roles is 'Subset of admin, editor, viewer';
comment on column users.preferences is 'JSON object owned by the user interface; no service reads into it';
comment on column users.last_login is 'Last successful password sign-in; NULL before the first';
comment on column users.created_at is 'When the row was inserted';
comment on column users.updated_at is 'When the row last changed';
comment on column users.version is 'Goes up by one with each change; optimistic locking';
comment on column users.created_by_id is 'User or service account that created this user; NULL for the first administrator';
comment on column users.request_id is 'Idempotency key of the call that created the row; unique per creator';
comment on column users.request_digest is 'SHA-256 of that call''s canonical request: tells a repetition from a reuse of the key';
