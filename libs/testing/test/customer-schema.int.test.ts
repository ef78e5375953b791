import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createDatabase, type Database } from '@chain-processor/db';
import {
  createTestDatabase,
  SERVICES_WITH_DATABASE,
  type ServiceWithDatabase,
  type TestDatabase,
} from '../src/test-database.js';
import { parseCustomerDocument, type CustomerDocument } from './customer-document.js';

/** Which table each section of the document means, and which service owns it. */
const TABLES: Readonly<Record<string, { readonly table: string; readonly owner: ServiceWithDatabase }>> = {
  User: { table: 'users', owner: 'identity' },
  Node: { table: 'nodes', owner: 'catalog' },
  ChainStrategy: { table: 'chain_strategies', owner: 'catalog' },
  StrategyNode: { table: 'strategy_nodes', owner: 'catalog' },
  ChainExecution: { table: 'chain_executions', owner: 'execution' },
  NodeExecution: { table: 'node_executions', owner: 'execution' },
};

/** What of the document, as far as `service` owns it, the database does not have; empty when all is there. */
async function findDifferences(
  document: CustomerDocument,
  service: ServiceWithDatabase,
  database: Database,
): Promise<string[]> {
  const columns = await database.query<{ column: string; type: string }>(
    `select attrelid::regclass || '.' || attname as column, format_type(atttypid, atttypmod) as type
       from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped`,
  );
  const typeOf = new Map(columns.map(({ column, type }) => [column, type]));
  const indexes = await database.query<{ name: string; on: string; is_unique: boolean; is_partial: boolean }>(
    `select indexrelid::regclass::text as name, indisunique as is_unique, indpred is not null as is_partial,
            indrelid::regclass || '.' || (
              select string_agg(pg_get_indexdef(indexrelid, place, true), ',' order by place)
                from generate_series(1, indnatts) place
            ) as on
       from pg_index join pg_class on pg_class.oid = indexrelid
      where relnamespace = 'public'::regnamespace`,
  );
  const indexOf = new Map(indexes.map((index) => [index.name, index]));

  const differences: string[] = [];
  const ownTables = new Set<string>();
  for (const { heading, columns: documented } of document.tables) {
    const { table, owner } = TABLES[heading] ?? { table: heading, owner: service };
    if (owner !== service) continue;
    ownTables.add(table);
    for (const { name, type } of documented) {
      const found = typeOf.get(`${table}.${name}`) ?? 'missing';
      if (found !== type) differences.push(`${table}.${name} is ${found}, not ${type}`);
    }
  }
  for (const { name, table, column, isUnique } of document.indexes) {
    if (!ownTables.has(table)) continue;
    const found = indexOf.get(name);
    if (found === undefined) {
      differences.push(`${name} is missing`);
    } else if (found.on !== `${table}.${column}` || found.is_unique !== isUnique || found.is_partial) {
      const kind = `${found.is_partial ? 'partial ' : ''}${found.is_unique ? 'unique' : 'plain'}`;
      differences.push(`${name} is ${kind} on ${found.on}`);
    }
  }
  return differences;
}

describe("the customer's schema document", () => {
  let document: CustomerDocument;

  before(async () => {
    const path = new URL('../../../../docs/database-schema.md', import.meta.url);
    document = parseCustomerDocument(await readFile(path, 'utf8'));
  });

  it('is read completely', () => {
    expect(document.tables.map(({ heading, columns }) => [heading, columns.length])).to.deep.equal([
      ['User', 12],
      ['Node', 12],
      ['ChainStrategy', 10],
      ['StrategyNode', 7],
      ['ChainExecution', 14],
      ['NodeExecution', 13],
    ]);
    expect(Object.keys(TABLES)).to.deep.equal(document.tables.map(({ heading }) => heading));
    expect(document.indexes).to.have.length(10);
  });

  for (const service of SERVICES_WITH_DATABASE) {
    it(`is what the migrations of ${service} build`, async () => {
      await withDatabase(service, async (database) => {
        const differences = await findDifferences(document, service, database);

        expect(differences).to.deep.equal([]);
      });
    });
  }

  it('is not met by a table with a wrong type, a missing column or a wrong index', async () => {
    await withDatabase('execution', async (database) => {
      await database.query('alter table chain_executions alter column error type varchar(1000)');
      await database.query('alter table node_executions rename column node_id to node');
      await database.query('drop index ix_chain_executions_status');
      await database.query('drop index ix_chain_executions_strategy_id');
      await database.query(
        'create unique index ix_chain_executions_strategy_id on chain_executions (strategy_id)',
      );
      await database.query('drop index ix_node_executions_status');
      await database.query(
        "create index ix_node_executions_status on node_executions (status) where status = 'failed'",
      );

      const differences = await findDifferences(document, 'execution', database);

      expect(differences).to.deep.equal([
        'chain_executions.error is character varying(1000), not text',
        'node_executions.node_id is missing, not uuid',
        'ix_chain_executions_strategy_id is unique on chain_executions.strategy_id',
        'ix_chain_executions_status is missing',
        'ix_node_executions_node_id is plain on node_executions.node',
        'ix_node_executions_status is partial plain on node_executions.status',
      ]);
    });
  });

  it('is not met by a database that lacks a whole table', async () => {
    await withDatabase('identity', async (database) => {
      await database.query('drop table users');

      const differences = await findDifferences(document, 'identity', database);

      expect(differences).to.have.length(13);
    });
  });
});

async function withDatabase(
  service: ServiceWithDatabase,
  run: (database: Database) => Promise<void>,
): Promise<void> {
  const testDatabase: TestDatabase = await createTestDatabase({ service });
  const database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
  try {
    await run(database);
  } finally {
    await database.close();
    await testDatabase.drop();
  }
}
