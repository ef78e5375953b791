import { expect } from 'chai';
import {
  createDatabase,
  DatabaseUnavailableError,
  isUniqueViolation,
  sqlStateOf,
  type CompletedQuery,
  type Database,
  type DatabaseOptions,
} from '@chain-processor/db';
import { ConflictRetryError, InvariantError } from '@chain-processor/errors';
import { createTestDatabase, type TestDatabase } from '../src/test-database.js';
import { rejectionOf } from './rejection-of.js';

describe('createDatabase', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  const others: Database[] = [];

  before(async () => {
    testDatabase = await createTestDatabase({ service: 'empty' });
    database = open({ poolMax: 4 });
  });

  beforeEach(async () => {
    await database.query('drop table if exists items');
    await database.query(`create table items (
      id integer primary key,
      name text not null constraint uq_items_name unique deferrable initially deferred
    )`);
    await database.query("insert into items values (1, 'one'), (2, 'two')");
  });

  afterEach(async () => {
    for (const other of others.splice(0)) await other.close();
  });

  after(async () => {
    await database.close();
    await testDatabase.drop();
  });

  function open(options: Partial<DatabaseOptions> = {}): Database {
    return createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1, ...options });
  }

  function openAnother(options: Partial<DatabaseOptions> = {}): Database {
    const other = open(options);
    others.push(other);
    return other;
  }

  async function names(): Promise<string[]> {
    const rows = await database.query<{ name: string }>('select name from items order by id');
    return rows.map((row) => row.name);
  }

  describe('query', () => {
    it('binds arrays of every kind of value for unnest', async () => {
      const ids = ['0192f0c1-0000-7000-8000-000000000001', '0192f0c1-0000-7000-8000-000000000002', null];
      const texts = ['', `"quoted", {braced}, back\\slash, 'single', \n and ünïcödé 🙂`, null];
      const numbers = [1, -2, null];
      const digests = [Buffer.from([0, 255]), Buffer.alloc(0), null];
      const documents = [{ list: [1, 'two', { three: null }] }, ['array'], null];

      const rows = await database.query(
        'select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::bytea[], $5::jsonb[]) as row(a, b, c, d, e)',
        {
          bind: [
            ids,
            texts,
            numbers,
            digests,
            documents.map((document) => document && JSON.stringify(document)),
          ],
        },
      );

      expect(rows).to.deep.equal(
        ids.map((id, index) => ({
          a: id,
          b: texts[index],
          c: numbers[index],
          d: digests[index],
          e: documents[index],
        })),
      );
    });

    it('binds one array more than once and empty arrays too', async () => {
      const rows = await database.query('select $1::text[] as a, $1::text[] as b, $2::integer[] as c', {
        bind: [['x'], []],
      });

      expect(rows).to.deep.equal([{ a: ['x'], b: ['x'], c: [] }]);
    });

    it('returns what an insert, an update and a delete return', async () => {
      expect(await database.query("insert into items values (3, 'three') returning id")).to.deep.equal([
        { id: 3 },
      ]);
      expect(await database.query("update items set name = 'x' where id > 2 returning name")).to.deep.equal([
        { name: 'x' },
      ]);
      expect(await database.query('delete from items where id > 2 returning id, name')).to.deep.equal([
        { id: 3, name: 'x' },
      ]);
    });

    it('tells which unique constraint a row would break', async () => {
      const error = await rejectionOf(database.query("insert into items values (1, 'uno')"));

      expect(isUniqueViolation(error, 'items_pkey')).to.equal(true);
      expect(isUniqueViolation(error, 'uq_items_name')).to.equal(false);
    });

    it('refuses NUL instead of storing other text', async () => {
      const error = await rejectionOf(database.query('select $1::text', { bind: ['a\0b'] }));

      expect(error).to.be.instanceOf(InvariantError);
    });

    it('reports statements without the literals in them', async () => {
      const completed: CompletedQuery[] = [];
      const other = openAnother({ onQuery: (query) => completed.push(query) });

      await other.query("select 'it''s secret' as text");

      expect(completed.map((query) => query.sql)).to.deep.equal(["select '?' as text"]);
      expect(completed[0]?.durationMs).to.be.at.least(0);
    });

    it('cancels a statement that takes too long, and keeps the connection', async () => {
      const other = openAnother({ statementTimeoutMs: 50, queryTimeoutMs: 5_000 });
      const before = await other.query('select pg_backend_pid() as pid');

      const error = await rejectionOf(other.query('select pg_sleep(60)'));

      expect(error).to.be.instanceOf(DatabaseUnavailableError);
      expect(await other.query('select pg_backend_pid() as pid')).to.deep.equal(before);
    });

    it('gives up waiting for a row lock', async () => {
      const other = openAnother({ lockTimeoutMs: 50 });

      await database.transaction(async (transaction) => {
        await database.query('select from items for update', { transaction });
        const error = await rejectionOf(other.query("update items set name = 'x'"));
        expect(error).to.be.instanceOf(ConflictRetryError);
      });
    });
  });

  describe('transaction', () => {
    it('commits what its callback did and returns its result', async () => {
      const result = await database.transaction(async (transaction) => {
        await database.query("insert into items values (3, 'three')", { transaction });
        return 'done';
      });

      expect(result).to.equal('done');
      expect(await names()).to.deep.equal(['one', 'two', 'three']);
    });

    it('rolls back and passes on what its callback throws, without a second try', async () => {
      const thrown = new Error('no');
      let tries = 0;

      const error = await rejectionOf(
        database.transaction(async (transaction) => {
          tries++;
          await database.query('delete from items', { transaction });
          throw thrown;
        }),
      );

      expect(error).to.equal(thrown);
      expect(tries).to.equal(1);
      expect(await names()).to.deep.equal(['one', 'two']);
    });

    it('does not report success when its callback swallowed the error of a statement', async () => {
      const error = await rejectionOf(
        database.transaction(async (transaction) => {
          await database.query("insert into items values (3, 'three')", { transaction });
          await rejectionOf(database.query("insert into items values (1, 'uno')", { transaction }));
        }),
      );

      expect(error).to.be.instanceOf(InvariantError);
      expect(sqlStateOf(error)).to.equal('25P02');
      expect(await names()).to.deep.equal(['one', 'two']);
    });

    it('checks deferred constraints before COMMIT, which keeps the connection', async () => {
      const other = openAnother();
      const before = await other.query('select pg_backend_pid() as pid');

      const error = await rejectionOf(
        other.transaction(async (transaction) => {
          await other.query("insert into items values (3, 'one')", { transaction });
        }),
      );

      expect(isUniqueViolation(error, 'uq_items_name')).to.equal(true);
      expect(await other.query('select pg_backend_pid() as pid')).to.deep.equal(before);
    });

    it('is READ COMMITTED unless told otherwise', async () => {
      const level = (options?: Parameters<Database['transaction']>[1]): Promise<object[]> =>
        database.transaction(
          (transaction) => database.query('show transaction_isolation', { transaction }),
          options,
        );

      expect(await level()).to.deep.equal([{ transaction_isolation: 'read committed' }]);
      expect(await level({ isolationLevel: 'SERIALIZABLE' })).to.deep.equal([
        { transaction_isolation: 'serializable' },
      ]);
    });

    it('runs again after a serialization failure', async () => {
      let tries = 0;

      await database.transaction(
        async (transaction) => {
          tries++;
          await database.query('select from items', { transaction });
          if (tries === 1) await database.query("update items set name = 'first' where id = 1");
          await database.query("update items set name = name || ' second' where id = 1", { transaction });
        },
        { isolationLevel: 'REPEATABLE READ' },
      );

      expect(tries).to.equal(2);
      expect(await names()).to.deep.equal(['first second', 'two']);
    });

    it('runs again after a deadlock', async () => {
      const bothHoldOne = new Set<string>();
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let tries = 0;

      const lockBoth = (own: number, other: number): Promise<void> =>
        database.transaction(async (transaction) => {
          tries++;
          await database.query(`update items set name = name || '+' where id = ${own}`, { transaction });
          if (bothHoldOne.add(String(own)).size === 2) release();
          await released;
          await database.query(`update items set name = name || '+' where id = ${other}`, { transaction });
        });
      await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);

      expect(tries).to.equal(3);
      expect(await names()).to.deep.equal(['one++', 'two++']);
    });

    it('gives up after its last try and leaves nothing behind', async () => {
      let tries = 0;

      const error = await rejectionOf(
        database.transaction(
          async (transaction) => {
            tries++;
            await database.query('select from items', { transaction });
            await database.query(`update items set name = 'other ${tries}' where id = 1`);
            await database.query("update items set name = 'mine' where id = 1", { transaction });
          },
          { isolationLevel: 'REPEATABLE READ', maxTries: 3 },
        ),
      );

      expect(error).to.be.instanceOf(ConflictRetryError);
      expect(sqlStateOf(error)).to.equal('40001');
      expect(tries).to.equal(3);
      expect(await names()).to.deep.equal(['other 3', 'two']);
    });
  });
});
