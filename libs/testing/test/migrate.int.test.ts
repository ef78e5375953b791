import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  createDatabase,
  dumpSchema,
  expectSchemaVersion,
  migrate,
  MigrationRefusedError,
  readMigrationStatus,
  readSchemaVersion,
  SchemaVersionError,
  type Database,
} from '@chain-processor/db';
import { createTestDatabase, type TestDatabase } from '../src/test-database.js';
import { rejectionOf } from './rejection-of.js';

describe('migrate', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let directory: string;
  let applied: string[];

  beforeEach(async () => {
    testDatabase = await createTestDatabase({ service: 'empty' });
    database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 2 });
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
    applied = [];
    await add('0001_one', 'create table one (id integer);', 'drop table one;');
    await add('0002_two', 'create table two (id integer);', 'drop table two;');
  });

  afterEach(async () => {
    await database.close();
    await testDatabase.drop();
    await rm(directory, { recursive: true });
  });

  async function add(name: string, up: string, down: string): Promise<void> {
    await writeFile(join(directory, `${name}.up.sql`), up);
    await writeFile(join(directory, `${name}.down.sql`), down);
  }

  function run(direction: 'up' | 'down', to?: number): Promise<number> {
    return migrate({
      url: testDatabase.url,
      directory,
      direction,
      to,
      log: (message, fields) => applied.push(`${message}: ${fields['name'] ?? ''}`),
    });
  }

  async function tableNames(): Promise<string[]> {
    const rows = await database.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
    );
    return rows.map((row) => row.name);
  }

  it('applies what is missing, in order, and nothing the second time', async () => {
    const version = await run('up');
    const again = await run('up');

    expect([version, again]).to.deep.equal([2, 2]);
    expect(applied).to.deep.equal(['migration applied: 0001_one', 'migration applied: 0002_two']);
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations', 'two']);
  });

  it('goes up and down to a version', async () => {
    expect(await run('up', 1)).to.equal(1);
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations']);

    expect(await run('up')).to.equal(2);
    expect(await run('down')).to.equal(1);
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations']);

    expect(await run('down', 0)).to.equal(0);
    expect(await tableNames()).to.deep.equal(['schema_migrations']);
  });

  it('tells what is pending without changing anything', async () => {
    const status = await readMigrationStatus({ url: testDatabase.url, directory });

    expect(status).to.deep.equal({ version: 0, latestVersion: 2, pending: ['0001_one', '0002_two'] });
    expect(await tableNames()).to.deep.equal([]);
  });

  it('applies each migration once when twenty runners start together', async () => {
    const versions = await Promise.all(Array.from({ length: 20 }, () => run('up')));

    expect(new Set(versions)).to.deep.equal(new Set([2]));
    expect(applied).to.deep.equal(['migration applied: 0001_one', 'migration applied: 0002_two']);
  });

  it('gives up with a clear state when another runner holds the lock for too long', async () => {
    await database.transaction(async (transaction) => {
      const [lock] = await holdMigrationLock(transaction);
      expect(lock?.is_held).to.equal(true);

      const error = await rejectionOf(
        migrate({ url: testDatabase.url, directory, direction: 'up', log: () => undefined, lockWaitMs: 50 }),
      );

      expect(error).to.have.property('code', '55P03');
    });
    expect(await tableNames()).to.deep.equal([]);
  });

  it('leaves nothing of a migration that fails, and everything before it', async () => {
    await add('0003_three', 'create table three (id integer); insert into three values (1 / 0);', '');

    const error = await rejectionOf(run('up'));

    expect(error.message).to.match(/0003_three.*division by zero/s);
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations', 'two']);
    expect(await readSchemaVersion(database)).to.equal(2);
  });

  it('goes on after a failed migration was corrected', async () => {
    await add('0003_three', 'create table three (id unknown_type);', '');
    await rejectionOf(run('up'));
    await add('0003_three', 'create table three (id integer);', 'drop table three;');

    expect(await run('up')).to.equal(3);
  });

  it('refuses a file that was edited after it was applied', async () => {
    await run('up', 1);
    await add('0001_one', 'create table one (id bigint);', 'drop table one;');

    const error = await rejectionOf(run('up'));

    expect(error).to.be.instanceOf(MigrationRefusedError);
    expect(error.message).to.contain('0001_one.up.sql was changed after it was applied');
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations']);
  });

  it('refuses a database that is newer than the files', async () => {
    await run('up');
    await rm(join(directory, '0002_two.up.sql'));
    await rm(join(directory, '0002_two.down.sql'));

    const error = await rejectionOf(run('up'));

    expect(error).to.be.instanceOf(MigrationRefusedError);
    expect(error.message).to.contain('the database is at version 2 and these files end at 1');
  });

  it('refuses a database that was migrated with other files', async () => {
    await run('up', 1);
    await rm(join(directory, '0001_one.up.sql'));
    await rm(join(directory, '0001_one.down.sql'));
    await add('0001_uno', 'create table uno (id integer);', 'drop table uno;');

    const error = await rejectionOf(run('up'));

    expect(error).to.be.instanceOf(MigrationRefusedError);
    expect(error.message).to.contain('another series');
  });

  it('refuses to go the wrong way or beyond the last file', async () => {
    await run('up');

    for (const [direction, to] of [
      ['up', 1],
      ['up', 3],
      ['down', 3],
    ] as const) {
      expect(await rejectionOf(run(direction, to))).to.be.instanceOf(MigrationRefusedError);
    }
    expect(await readSchemaVersion(database)).to.equal(2);
  });

  it('refuses a file that ends its transaction itself', async () => {
    await add('0003_three', 'commit; begin; create table three (id integer);', '');

    const error = await rejectionOf(run('up'));

    expect(error.message).to.contain('ends its transaction itself');
    expect(await tableNames()).to.deep.equal(['one', 'schema_migrations', 'two']);
  });

  for (const [fault, fileName] of [
    ['a gap in the numbers', '0004_four.up.sql'],
    ['a number that is there twice', '0002_again.up.sql'],
    ['a file without its way back', '0003_three.up.sql'],
    ['a misnamed file', '3_three.up.sql'],
  ] as const) {
    it(`refuses ${fault}`, async () => {
      await writeFile(join(directory, fileName), 'create table three (id integer);');

      expect(await rejectionOf(run('up'))).to.be.instanceOf(MigrationRefusedError);
      expect(await tableNames()).to.deep.equal([]);
    });
  }

  it('does not wait for ever for a table that somebody else uses', async () => {
    await run('up');
    await add('0003_three', 'alter table one add column name text;', 'alter table one drop column name;');

    await database.transaction(async (transaction) => {
      await database.query('lock table one in access share mode', { transaction });
      const error = await rejectionOf(
        migrate({
          url: testDatabase.url,
          directory,
          direction: 'up',
          log: () => undefined,
          lockTimeoutMs: 50,
        }),
      );
      expect(error.message).to.contain('lock timeout');
    });

    expect(await run('up')).to.equal(3);
  });

  it('lets a program work with its version and newer ones, but not behind a breaking one', async () => {
    await add('0003_three', '-- breaking: two is gone\ndrop table two;', 'create table two (id integer);');

    const unmigrated = await rejectionOf(expectSchemaVersion(database, 1));
    await run('up', 2);
    await expectSchemaVersion(database, 1);
    await expectSchemaVersion(database, 2);
    const tooOld = await rejectionOf(expectSchemaVersion(database, 3));
    await run('up');
    const tooNew = await rejectionOf(expectSchemaVersion(database, 2));
    await expectSchemaVersion(database, 3);

    for (const error of [unmigrated, tooOld, tooNew]) expect(error).to.be.instanceOf(SchemaVersionError);
    expect(tooOld.message).to.contain('at version 2 and this program needs 3');
    expect(tooNew.message).to.contain('breaking migration 3');
  });

  it('describes only what it can describe', async () => {
    await add('0003_three', 'create view three as select id from one;', 'drop view three;');
    await run('up');

    const error = await rejectionOf(dumpSchema({ url: testDatabase.url }));

    expect(error.message).to.contain('cannot describe relation three');
  });

  /** A transaction lock excludes the runner's session lock on the same key. */
  function holdMigrationLock(
    transaction: Parameters<Parameters<Database['transaction']>[0]>[0],
  ): Promise<{ is_held: boolean }[]> {
    return database.query('select pg_try_advisory_xact_lock(7275139015386) as is_held', { transaction });
  }
});
