import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  computeSchemaFiles,
  createDatabase,
  dumpSchema,
  isUniqueViolation,
  migrate,
  readMigrationStatus,
  sqlStateOf,
  type Database,
} from '@chain-processor/db';
import {
  createTestDatabase,
  migrationsDirectory,
  SERVICES_WITH_DATABASE,
  type ServiceWithDatabase,
  type TestDatabase,
} from '../src/test-database.js';
import { testServers } from '../src/test-servers.js';
import { rejectionOf } from './rejection-of.js';
import { SAMPLE_ROWS } from './sample-rows.js';

const CHECK_VIOLATION = '23514';

for (const service of SERVICES_WITH_DATABASE) {
  describe(`the migrations of ${service}`, () => {
    const directory = migrationsDirectory(service);
    let testDatabase: TestDatabase;
    let database: Database;

    beforeEach(async () => {
      testDatabase = await createTestDatabase({ service });
      database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
    });

    afterEach(async () => {
      await database.close();
      await testDatabase.drop();
    });

    async function run(direction: 'up' | 'down', to: number): Promise<void> {
      await migrate({ url: testDatabase.url, directory, direction, to, log: () => undefined });
    }

    async function ownTables(): Promise<string[]> {
      const rows = await database.query<{ name: string }>(
        `select relname as name from pg_class
          where relnamespace = 'public'::regnamespace and relkind <> 'i' and relname <> 'schema_migrations'`,
      );
      return rows.map((row) => row.name);
    }

    it('go down one by one with rows in every table, and up again, twice', async () => {
      const { latestVersion } = await readMigrationStatus({ url: testDatabase.url, directory });
      const schema = await dumpSchema({ url: testDatabase.url });

      for (let round = 1; round <= 2; round++) {
        for (const insert of SAMPLE_ROWS[service]) await database.query(insert);
        for (const table of await ownTables()) {
          expect(await database.query(`select from ${table}`), table).to.not.be.empty;
        }
        for (let version = latestVersion - 1; version >= 0; version--) await run('down', version);
        expect(await ownTables()).to.deep.equal([]);
        for (let version = 1; version <= latestVersion; version++) await run('up', version);
        expect(await dumpSchema({ url: testDatabase.url })).to.equal(schema);
      }
    });

    it('keep rows that are there when later ones are applied', async () => {
      const { latestVersion } = await readMigrationStatus({ url: testDatabase.url, directory });
      await run('down', 1);
      const firstTables = await ownTables();
      const inserts = SAMPLE_ROWS[service].filter((insert) =>
        firstTables.some((table) => insert.startsWith(`insert into ${table} `)),
      );
      for (const insert of inserts) await database.query(insert);

      await run('up', latestVersion);

      for (const table of firstTables) {
        if (!inserts.some((insert) => insert.startsWith(`insert into ${table} `))) continue;
        expect(await database.query(`select from ${table}`), table).to.not.be.empty;
      }
    });

    it('comment on every table and column', async () => {
      const silent = await database.query(
        `select attrelid::regclass::text as table, attname as column
           from pg_attribute join pg_class on pg_class.oid = attrelid
          where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
            and (col_description(attrelid, attnum) is null or obj_description(attrelid, 'pg_class') is null)`,
      );

      expect(silent).to.deep.equal([]);
    });

    it('name indexes ix_, unique constraints uq_ and checks ck_ with their table', async () => {
      const misnamed = await database.query(
        `select conname as name from pg_constraint
          where connamespace = 'public'::regnamespace and conrelid <> 'schema_migrations'::regclass
            and contype in ('u', 'c')
            and conname not like case contype when 'u' then 'uq' else 'ck' end || '_' || conrelid::regclass || '_%'
         union all
         select indexrelid::regclass::text from pg_index
          where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
            and not exists (select from pg_constraint where conindid = indexrelid)
            and indexrelid::regclass::text not like 'ix_' || indrelid::regclass || '_%'`,
      );

      expect(misnamed).to.deep.equal([]);
    });

    it('build what schema.sql says, and schema.sql builds the same', async () => {
      const committed = await readFile(join(directory, 'schema.sql'), 'utf8');
      const empty = await createTestDatabase({ service: 'empty' });
      const rebuilt = createDatabase({ url: empty.url, applicationName: 'test', poolMax: 1 });

      await rebuilt.query(committed);

      expect(await dumpSchema({ url: testDatabase.url })).to.equal(committed);
      expect(await dumpSchema({ url: empty.url })).to.equal(committed);
      await rebuilt.close();
      await empty.drop();
    });
  });
}

describe('computeSchemaFiles', () => {
  it('describes every service and leaves no database behind', async () => {
    const { adminUrl } = await testServers().postgres();
    const root = dirname(migrationsDirectory('catalog'));

    const files = await computeSchemaFiles({ adminUrl, root });

    expect(files.map(({ path }) => path)).to.deep.equal(
      [...SERVICES_WITH_DATABASE].sort().map((service) => join(root, service, 'schema.sql')),
    );
    for (const { expected, actual } of files) expect(actual).to.equal(expected);
    const admin = createDatabase({ url: adminUrl, applicationName: 'test', poolMax: 1 });
    expect(await admin.query("select datname from pg_database where datname like 'schema_dump%'")).to.be
      .empty;
    await admin.close();
  });
});

describe('the constraints', () => {
  const CHECKS: readonly (readonly [string, ServiceWithDatabase, string, string])[] = [
    [
      'an e-mail address in upper case',
      'identity',
      `update users set email = 'Ada@example.com'`,
      'ck_users_email_is_normalized',
    ],
    ['an unknown role', 'identity', `update users set roles = '{owner}'`, 'ck_users_roles_are_known'],
    [
      'a private key in the public column',
      'identity',
      `update signing_keys set public_jwk = '{"d":"AA"}'`,
      'ck_signing_keys_public_jwk_is_public',
    ],
    [
      'a request id without digest',
      'catalog',
      `update chain_strategies set request_id = gen_random_uuid()`,
      'ck_chain_strategies_request_is_complete',
    ],
    [
      'a node of nobody',
      'catalog',
      `update nodes set is_builtin = false`,
      'ck_nodes_has_creator_or_is_builtin',
    ],
    [
      'more than 256 KiB of code',
      'catalog',
      `update nodes set code = repeat('x', 262145)`,
      'ck_nodes_code_is_bounded',
    ],
    [
      'position 0',
      'catalog',
      `update strategy_nodes set position = position - 1`,
      'ck_strategy_nodes_position_is_positive',
    ],
    [
      'an unknown status',
      'execution',
      `update chain_executions set status = 'paused'`,
      'ck_chain_executions_status_is_known',
    ],
    [
      'a terminal status without its time',
      'execution',
      `update chain_executions set status = 'cancelled'`,
      'ck_chain_executions_is_completed_when_terminal',
    ],
    [
      'a success without output',
      'execution',
      `update chain_executions set status = 'success', completed_at = now()`,
      'ck_chain_executions_success_has_output',
    ],
    [
      'a failure without error',
      'execution',
      `update chain_executions set status = 'failed', completed_at = now()`,
      'ck_chain_executions_failed_has_error',
    ],
    [
      'a run without worker',
      'execution',
      `update chain_executions set status = 'in_progress', started_at = now()`,
      'ck_chain_executions_in_progress_is_claimed',
    ],
    [
      'an outbox row without events',
      'execution',
      `update outbox set events = '[]'`,
      'ck_outbox_events_is_not_empty',
    ],
    [
      'an outbox row that is no list',
      'execution',
      `update outbox set events = '{}'`,
      'ck_outbox_events_is_not_empty',
    ],
  ];
  const databases = new Map<ServiceWithDatabase, Database>();
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    for (const service of SERVICES_WITH_DATABASE) {
      const testDatabase = await createTestDatabase({ service });
      const database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
      closers.push(
        () => database.close(),
        () => testDatabase.drop(),
      );
      for (const insert of SAMPLE_ROWS[service]) await database.query(insert);
      databases.set(service, database);
    }
  });

  after(async () => {
    for (const close of closers) await close();
  });

  function query(service: ServiceWithDatabase, sql: string): Promise<object[]> {
    const database = databases.get(service);
    if (database === undefined) throw new Error(`no database of ${service}`);
    return database.query(sql);
  }

  for (const [what, service, update, constraint] of CHECKS) {
    it(`refuse ${what}`, async () => {
      const error = await rejectionOf(query(service, update));

      expect(sqlStateOf(error)).to.equal(CHECK_VIOLATION);
      expect(error.message).to.contain(`"${constraint}"`);
    });
  }

  it('refuse a second success at one position (E4), and take further failures', async () => {
    const again = `insert into node_executions
      (id, execution_id, node_id, input_text, output_text, error, error_reason, status, completed_at, position, attempt, node_revision)
      select gen_random_uuid(), execution_id, node_id, 'text'`;
    const error = await rejectionOf(
      query('execution', `${again}, 'TEXT', null, null, 'success', now(), 1, 2, 1 from node_executions`),
    );

    expect(isUniqueViolation(error, 'ix_node_executions_execution_id_position_success')).to.equal(true);
    await query(
      'execution',
      `${again}, null, 'boom', 'NODE_FAILED', 'failed', now(), 1, 2, 1 from node_executions`,
    );
  });

  it('refuse a request id that its creator used before, and take it from somebody else', async () => {
    const repeat = `insert into users (id, email, password_hash, full_name, created_by_id, request_id, request_digest)
      select gen_random_uuid(), `;
    const error = await rejectionOf(
      query(
        'identity',
        `${repeat} 'b@example.com', '', '', created_by_id, request_id, request_digest from users`,
      ),
    );

    expect(isUniqueViolation(error, 'ix_users_created_by_id_request_id')).to.equal(true);
    await query(
      'identity',
      `${repeat} 'c@example.com', '', '', gen_random_uuid(), request_id, request_digest from users`,
    );
  });

  it('let one statement shift the positions of a strategy', async () => {
    await query('catalog', 'update strategy_nodes set position = position + 1');

    expect(await query('catalog', 'select position from strategy_nodes order by position')).to.deep.equal(
      [2, 3, 4].map((position) => ({ position })),
    );
  });

  it('keep a node that a strategy uses, and let a strategy take its positions along', async () => {
    const error = await rejectionOf(query('catalog', 'delete from nodes'));
    expect(sqlStateOf(error)).to.be.oneOf(['23001', '23503']);

    await query('catalog', 'delete from chain_strategies');

    expect(await query('catalog', 'select from strategy_nodes')).to.be.empty;
  });
});
