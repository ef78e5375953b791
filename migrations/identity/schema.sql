-- Generated from the migrations beside it, for review and for the drift check. Do not edit.

create table signing_keys (
  kid text not null,
  algorithm text not null,
  public_jwk jsonb not null,
  private_jwk_encrypted text not null,
  created_at timestamp with time zone default now() not null,
  activates_at timestamp with time zone not null,
  retires_at timestamp with time zone,
  constraint signing_keys_pkey PRIMARY KEY (kid),
  constraint ck_signing_keys_algorithm_is_known CHECK ((algorithm = 'EdDSA'::text)),
  constraint ck_signing_keys_public_jwk_is_object CHECK ((jsonb_typeof(public_jwk) = 'object'::text)),
  constraint ck_signing_keys_public_jwk_is_public CHECK ((NOT (public_jwk ? 'd'::text))),
  constraint ck_signing_keys_retires_after_activation CHECK ((retires_at > activates_at))
);
comment on table signing_keys is 'Key pairs that sign access tokens; several live at once while they rotate';
comment on column signing_keys.kid is 'Key id, as in the header of each token that it signed';
comment on column signing_keys.algorithm is 'JWS algorithm';
comment on column signing_keys.public_jwk is 'Public half as a JWK, served in the JWKS';
comment on column signing_keys.private_jwk_encrypted is 'Private half as a compact JWE; the key that opens it is not in this database';
comment on column signing_keys.created_at is 'When the key was made; it is in the JWKS from then on';
comment on column signing_keys.activates_at is 'From when it signs: later than created_at, so that verifiers have it cached by then';
comment on column signing_keys.retires_at is 'When it leaves the JWKS, after the last token that it signed has expired; NULL while it signs';

create table users (
  id uuid not null,
  email character varying(255) not null,
  password_hash character varying(255) not null,
  full_name character varying(255) not null,
  is_active boolean default true not null,
  is_superuser boolean default false not null,
  roles character varying[] default '{}'::character varying[] not null,
  preferences jsonb default '{}'::jsonb not null,
  last_login timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  created_by_id uuid,
  request_id uuid,
  request_digest bytea,
  constraint users_pkey PRIMARY KEY (id),
  constraint ck_users_email_is_normalized CHECK ((((email)::text = lower((email)::text)) AND ((email)::text = btrim((email)::text)) AND ((email)::text <> ''::text))),
  constraint ck_users_preferences_is_object CHECK ((jsonb_typeof(preferences) = 'object'::text)),
  constraint ck_users_request_digest_is_sha256 CHECK ((octet_length(request_digest) = 32)),
  constraint ck_users_request_has_creator CHECK (((request_id IS NULL) OR (created_by_id IS NOT NULL))),
  constraint ck_users_request_is_complete CHECK (((request_id IS NULL) = (request_digest IS NULL))),
  constraint ck_users_roles_are_known CHECK ((roles <@ ARRAY['admin'::character varying, 'editor'::character varying, 'viewer'::character varying])),
  constraint ck_users_version_is_positive CHECK ((version >= 1))
);
CREATE UNIQUE INDEX ix_users_created_by_id_request_id ON public.users USING btree (created_by_id, request_id) WHERE (request_id IS NOT NULL);
CREATE UNIQUE INDEX ix_users_email ON public.users USING btree (email);
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
