/** A table as the customer's document lists it. */
export interface DocumentedTable {
  /** Heading of its section: `ChainStrategy`. */
  readonly heading: string;
  readonly columns: readonly DocumentedColumn[];
}

export interface DocumentedColumn {
  readonly name: string;
  /** In PostgreSQL's spelling: `character varying(255)`. */
  readonly type: string;
}

export interface DocumentedIndex {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly isUnique: boolean;
}

export interface CustomerDocument {
  readonly tables: readonly DocumentedTable[];
  readonly indexes: readonly DocumentedIndex[];
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['UUID', 'uuid'],
  ['Text', 'text'],
  ['Boolean', 'boolean'],
  ['Integer', 'integer'],
  ['JSONB', 'jsonb'],
  ['DateTime', 'timestamp with time zone'],
  ['Array[String]', 'character varying[]'],
]);

const COLUMN_ROW = /^\|\s*(?<name>[a-z_]+)\s*\|\s*(?<type>[A-Za-z[\]()0-9]+)\s*\|/;
const INDEX_LINE =
  /^- `(?<name>ix_\w+)` - (?<kind>Unique index|Index) on (?<table>[a-z_]+)\.(?<column>[a-z_]+)\s*$/;

/** Reads tables and indexes out of `docs/database-schema.md`. A type or an index line that it does not know is an error. */
export function parseCustomerDocument(markdown: string): CustomerDocument {
  const tables: { heading: string; columns: DocumentedColumn[] }[] = [];
  const indexes: DocumentedIndex[] = [];
  for (const line of markdown.split('\n')) {
    const heading = /^### (\w+)$/.exec(line)?.[1];
    if (heading !== undefined) tables.push({ heading, columns: [] });

    const column = COLUMN_ROW.exec(line)?.groups;
    if (column !== undefined) {
      tables.at(-1)?.columns.push({ name: column['name'] ?? '', type: postgresType(column['type'] ?? '') });
    }

    const index = INDEX_LINE.exec(line)?.groups;
    if (index !== undefined) {
      indexes.push({
        name: index['name'] ?? '',
        table: index['table'] ?? '',
        column: index['column'] ?? '',
        isUnique: index['kind'] === 'Unique index',
      });
    } else if (line.startsWith('- `')) {
      throw new Error(`cannot read this index: ${line}`);
    }
  }
  return { tables, indexes };
}

function postgresType(documented: string): string {
  const length = /^String\((\d+)\)$/.exec(documented)?.[1];
  const type = length === undefined ? TYPES.get(documented) : `character varying(${length})`;
  if (type === undefined)
    throw new Error(`the document has a type that this test does not know: ${documented}`);
  return type;
}
