create table signing_keys (
  kid text primary key,
  algorithm text not null,
  public_jwk jsonb not null,
  private_jwk_encrypted text not null,
  created_at timestamptz not null default now(),
  activates_at timestamptz not null,
  retires_at timestamptz,

  constraint ck_signing_keys_algorithm_is_known check (algorithm = 'EdDSA'),
  constraint ck_signing_keys_public_jwk_is_object check (jsonb_typeof(public_jwk) = 'object'),
  -- "d" is the private part of an OKP key (RFC 8037); this column is served to everyone.
  constraint ck_signing_keys_public_jwk_is_public check (not public_jwk ? 'd'),
  constraint ck_signing_keys_retires_after_activation check (retires_at > activates_at)
);

comment on table signing_keys is 'Key pairs that sign access tokens; several live at once while they rotate';
comment on column signing_keys.kid is 'Key id, as in the header of each token that it signed';
comment on column signing_keys.algorithm is 'JWS algorithm';
comment on column signing_keys.public_jwk is 'Public half as a JWK, served in the JWKS';
comment on column signing_keys.private_jwk_encrypted is 'Private half as a compact JWE; the key that opens it is not in this database';
comment on column signing_keys.created_at is 'When the key was made; it is in the JWKS from then on';
comment on column signing_keys.activates_at is 'From when it signs: later than created_at, so that verifiers have it cached by then';
comment on column signing_keys.retires_at is 'When it leaves the JWKS, after the last token that it signed has expired; NULL while it signs';
