import type { ClientBase } from 'pg';
import type { DatabaseTls } from './connection-options.js';
import { HISTORY_TABLE } from './migration-history.js';
import { withServerConnection } from './server-connection.js';

export interface DumpSchemaOptions {
  readonly url: string;
  /** TLS with a verified server. Default: no TLS. */
  readonly tls?: DatabaseTls | undefined;
}

interface TableRow {
  readonly name: string;
  readonly comment: string | null;
}

interface ColumnRow {
  readonly table_name: string;
  readonly name: string;
  readonly type: string;
  readonly is_not_null: boolean;
  readonly default_expression: string | null;
  readonly comment: string | null;
}

interface ConstraintRow {
  readonly table_name: string;
  readonly name: string;
  readonly is_foreign_key: boolean;
  readonly definition: string;
}

interface IndexRow {
  readonly table_name: string;
  readonly definition: string;
}

/** The tables that are described; the migration runner's own belongs to no service. */
const TABLES = `pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '${HISTORY_TABLE}'`;

const TABLES_SQL = `
  select quote_ident(relname) as name, obj_description(oid, 'pg_class') as comment
    from ${TABLES}
   order by relname`;

const COLUMNS_SQL = `
  select quote_ident(c.relname) as table_name, quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type,
         a.attnotnull as is_not_null, pg_get_expr(d.adbin, d.adrelid) as default_expression,
         col_description(a.attrelid, a.attnum) as comment
    from (select oid, relname from ${TABLES}) c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   order by a.attrelid, a.attnum`;

/** NOT NULL is told by the columns; PostgreSQL 18 lists it as a constraint, too. */
const CONSTRAINTS_SQL = `
  select quote_ident(c.relname) as table_name, quote_ident(k.conname) as name, k.contype = 'f' as is_foreign_key,
         pg_get_constraintdef(k.oid) as definition
    from (select oid, relname from ${TABLES}) c
    join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f', 'x')
   order by position(k.contype::text in 'puxcf'), k.conname`;

const INDEXES_SQL = `
  select quote_ident(c.relname) as table_name, pg_get_indexdef(i.indexrelid) as definition
    from (select oid, relname from ${TABLES}) c
    join pg_index i on i.indrelid = c.oid
    join pg_class x on x.oid = i.indexrelid
   where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
   order by x.relname`;

/** Whatever this file cannot describe. Silence about it would be a hole in the drift check. */
const UNKNOWN_SQL = `
  select 'relation ' || relname as what from pg_class
   where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i')
  union all
  select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select 'type ' || typname from pg_type
   where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r', 'm')
  union all
  select 'trigger ' || tgname from pg_trigger where not tgisinternal
  union all
  select 'policy ' || polname from pg_policy
  union all
  select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
  union all
  select 'schema ' || nspname from pg_namespace where nspname not in ('public', 'information_schema') and nspname !~ '^pg_'
  union all
  select 'generated column ' || attname from pg_attribute
   where (attidentity <> '' or attgenerated <> '') and attrelid in (select oid from ${TABLES})
  order by what`;

/**
 * Describes the schema `public` as SQL that would create it again: tables, columns, defaults, constraints, indexes and comments,
 * in an order that depends on nothing but names and column numbers. Read from the catalogs, since the embedded
 * PostgreSQL comes without pg_dump. Equal schemas give equal text.
 *
 * @throws Error when the schema holds something that this function does not describe, for example a view.
 */
export async function dumpSchema(options: DumpSchemaOptions): Promise<string> {
  return withServerConnection({ ...options, applicationName: 'dump-schema' }, async (client) => {
    // Repeatable read: all catalogs are read as of one moment.
    await client.query('begin isolation level repeatable read read only; set local search_path = public');
    const unknown = await rowsOf<{ what: string }>(client, UNKNOWN_SQL);
    if (unknown.length > 0) {
      const names = unknown.map((row) => row.what).join(', ');
      throw new Error(`the schema dump cannot describe ${names}: extend libs/db/src/dump-schema.ts first`);
    }
    const tables = await rowsOf<TableRow>(client, TABLES_SQL);
    const columns = await rowsOf<ColumnRow>(client, COLUMNS_SQL);
    const constraints = await rowsOf<ConstraintRow>(client, CONSTRAINTS_SQL);
    const indexes = await rowsOf<IndexRow>(client, INDEXES_SQL);
    await client.query('rollback');

    const of = <Row extends { readonly table_name: string }>(rows: readonly Row[], table: TableRow): Row[] =>
      rows.filter((row) => row.table_name === table.name);
    const sections = tables.map((table) =>
      describeTable(client, table, of(columns, table), of(constraints, table), of(indexes, table)),
    );
    const foreignKeys = constraints
      .filter((constraint) => constraint.is_foreign_key)
      .map((key) => `alter table ${key.table_name} add constraint ${key.name} ${key.definition};\n`)
      .sort();
    return [HEADER, ...sections, foreignKeys.join('')].filter((section) => section !== '').join('\n');
  });
}

const HEADER =
  '-- Generated from the migrations beside it, for review and for the drift check. Do not edit.\n';

function describeTable(
  client: ClientBase,
  table: TableRow,
  columns: readonly ColumnRow[],
  constraints: readonly ConstraintRow[],
  indexes: readonly IndexRow[],
): string {
  const members = [
    ...columns.map(
      ({ name, type, is_not_null, default_expression }) =>
        `${name} ${type}` +
        (default_expression === null ? '' : ` default ${default_expression}`) +
        (is_not_null ? ' not null' : ''),
    ),
    ...constraints
      .filter((constraint) => !constraint.is_foreign_key)
      .map(({ name, definition }) => `constraint ${name} ${definition}`),
  ];
  const comments = [
    { target: `table ${table.name}`, comment: table.comment },
    ...columns.map(({ name, comment }) => ({ target: `column ${table.name}.${name}`, comment })),
  ];
  return [
    `create table ${table.name} (\n${members.map((member) => `  ${member}`).join(',\n')}\n);\n`,
    ...indexes.map(({ definition }) => `${definition};\n`),
    ...comments
      .filter(({ comment }) => comment !== null)
      .map(({ target, comment }) => `comment on ${target} is ${client.escapeLiteral(comment ?? '')};\n`),
  ].join('');
}

async function rowsOf<Row extends object>(client: ClientBase, sql: string): Promise<Row[]> {
  return (await client.query<Row>(sql)).rows;
}
