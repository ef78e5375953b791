create table outbox (
  id uuid primary key,
  events jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz,

  constraint ck_outbox_events_is_not_empty
    check (case when jsonb_typeof(events) = 'array' then jsonb_array_length(events) > 0 else false end)
);

-- The relay's only question; rows leave the index as they are published.
create index ix_outbox_id_unpublished on outbox (id) where published_at is null;

comment on table outbox is 'Events on their way to NATS, written in the transaction that they tell of (E5); one row per transaction';
comment on column outbox.id is 'UUIDv7, made by the application; the relay publishes in this order';
comment on column outbox.events is 'JSON array of all events of the transaction, at least one, in order';
comment on column outbox.created_at is 'When the row was inserted';
comment on column outbox.published_at is 'When the stream acknowledged all of them; NULL until then';
