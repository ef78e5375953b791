import type { ListFilter, Page, PageCursor, PageRequest } from '../domain/page.js';

/**
 * The filters that both lists share, as a condition on the table alias `t` with the parameters $1 to $6. One that is NULL lets
 * everything through, so the statement's text never depends on what a caller sends.
 */
export const FILTER_CONDITION = `
      ($1::text is null or starts_with(lower(t.name), lower($1::text)))
  and ($2::text[] is null or t.tags::text[] && $2::text[])
  and ($3::text[] is null or t.tags::text[] @> $3::text[])
  and ($4::boolean is null or t.is_active = $4::boolean)
  and ($5::uuid is null or t.created_by_id = $5::uuid)
  and ($6::jsonb is null or t.metadata @> $6::jsonb)`;

export function filterParameters(filter: ListFilter): unknown[] {
  return [
    filter.namePrefix ?? null,
    filter.tagsAny ?? null,
    filter.tagsAll ?? null,
    filter.isActive ?? null,
    filter.createdById ?? null,
    filter.metadataContains === undefined ? null : JSON.stringify(filter.metadataContains),
  ];
}

/** The place in the order, with the parameters $7 to $9: newest first, ids break ties. */
export const PAGE_CONDITION = `
      ($7::bigint is null
       or (t.created_at, t.id) < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond', $8::uuid))
order by t.created_at desc, t.id desc
limit $9`;

/** One row more than the page holds tells whether another page follows. */
export function pageParameters({ size, after }: PageRequest): unknown[] {
  return [after?.createdAtUs ?? null, after?.id ?? null, size + 1];
}

/** The column that {@link PageCursor} is made of: a Date is only exact to the millisecond. */
export const CURSOR_COLUMN = `(extract(epoch from t.created_at) * 1000000)::bigint::text as created_at_us`;

export interface CursorColumns {
  readonly id: string;
  readonly created_at_us: string;
}

export function toPage<Row extends CursorColumns, Item>(
  rows: readonly Row[],
  { size }: PageRequest,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const next: PageCursor | undefined =
    rows.length > size && last !== undefined ? { createdAtUs: last.created_at_us, id: last.id } : undefined;
  return { items: shown.map(toItem), next };
}
