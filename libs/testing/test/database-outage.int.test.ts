import { expect } from 'chai';
import {
  createDatabase,
  DatabaseUnavailableError,
  type Database,
  type DatabaseOptions,
} from '@chain-processor/db';
import { findFreePort } from '@chain-processor/local-stack';
import { createTestDatabase, type TestDatabase } from '../src/test-database.js';
import { rejectionOf } from './rejection-of.js';
import { startStallingProxy, type StallingProxy } from './stalling-proxy.js';

describe('a database that goes away', () => {
  let testDatabase: TestDatabase;
  let operator: Database;
  const opened: Database[] = [];

  before(async () => {
    testDatabase = await createTestDatabase({ service: 'empty' });
    operator = createDatabase({ url: testDatabase.url, applicationName: 'operator', poolMax: 2 });
    await operator.query('create table items (id integer primary key)');
  });

  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  after(async () => {
    await operator.close();
    await testDatabase.drop();
  });

  function open(options: Partial<DatabaseOptions> = {}): Database {
    const database = createDatabase({
      url: testDatabase.url,
      applicationName: 'victim',
      poolMax: 1,
      ...options,
    });
    opened.push(database);
    return database;
  }

  /** Ends every connection of the victim, and resolves when the server has none of them any more. */
  async function terminateVictims(): Promise<void> {
    await operator.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where application_name = 'victim' and datname = current_database()`,
    );
  }

  async function untilVictimRuns(fragment: string): Promise<void> {
    for (;;) {
      const running = await operator.query(
        `select from pg_stat_activity
          where application_name = 'victim' and state = 'active' and datname = current_database() and query like $1`,
        { bind: [`%${fragment}%`] },
      );
      if (running.length > 0) return;
    }
  }

  it('costs the statement that runs, and the pool recovers at once', async () => {
    const broken: Error[] = [];
    const database = open({ onConnectionError: (error) => broken.push(error) });

    const rejection = rejectionOf(database.query('select pg_sleep(60)'));
    await untilVictimRuns('pg_sleep');
    await terminateVictims();

    expect(await rejection).to.be.instanceOf(DatabaseUnavailableError);
    await database.ping();
    expect(broken).to.not.be.empty;
  });

  it('costs nothing when its connections are idle', async () => {
    let onBroken = (): void => undefined;
    const broken = new Promise<void>((resolve) => (onBroken = resolve));
    const database = open({ onConnectionError: () => onBroken() });
    await database.ping();

    await terminateVictims();
    await broken;

    await database.ping();
  });

  it('costs a whole transaction, of which nothing stays', async () => {
    const database = open();

    const error = await rejectionOf(
      database.transaction(async (transaction) => {
        await database.query('insert into items values (1)', { transaction });
        await terminateVictims();
        await database.query('insert into items values (2)', { transaction });
      }),
    );

    expect(error).to.be.instanceOf(DatabaseUnavailableError);
    expect(await database.query('select from items')).to.be.empty;
  });

  it('is not hidden by a callback that swallows the loss', async () => {
    const database = open();

    const error = await rejectionOf(
      database.transaction(async (transaction) => {
        await database.query('insert into items values (1)', { transaction });
        await terminateVictims();
        await rejectionOf(database.query('insert into items values (2)', { transaction }));
      }),
    );

    expect(error).to.be.instanceOf(DatabaseUnavailableError);
    expect(await database.query('select from items')).to.be.empty;
  });

  it('looks the same to code that uses a model', async () => {
    const database = open();
    const items = database.sequelize.define(
      'Item',
      { id: { type: 'integer', primaryKey: true } },
      { tableName: 'items', timestamps: false },
    );
    const error = await rejectionOf(
      database.transaction(async (transaction) => {
        await terminateVictims();
        const inside = await rejectionOf(items.findAll({ transaction }));
        expect(inside).to.be.instanceOf(DatabaseUnavailableError);
        throw inside;
      }),
    );

    expect(error).to.be.instanceOf(DatabaseUnavailableError);
    expect(await items.findAll()).to.be.empty;
  });

  it('is told apart from a bad statement', async () => {
    const error = await rejectionOf(open().query('select from no_such_table'));

    expect(error).to.not.be.instanceOf(DatabaseUnavailableError);
  });

  it('is reported without its address when it is not there', async () => {
    const port = await findFreePort();
    const url = new URL(testDatabase.url);
    url.port = String(port);

    const error = await rejectionOf(open({ url: url.href }).ping());

    expect(error).to.be.instanceOf(DatabaseUnavailableError);
    expect(error.message).to.equal('database is not available at the moment; try again');
  });

  it('is unavailable to a role that may not log in', async () => {
    const url = new URL(testDatabase.url);
    url.password = 'wrong';

    const error = await rejectionOf(open({ url: url.href }).ping());

    expect(error).to.be.instanceOf(DatabaseUnavailableError);
  });

  it('is unavailable to whom the pool has no connection to give', async () => {
    const database = open({ acquireTimeoutMs: 50 });

    await database.transaction(async () => {
      expect(await rejectionOf(database.ping())).to.be.instanceOf(DatabaseUnavailableError);
    });

    await database.ping();
  });

  describe('without closing its connections', () => {
    let proxy: StallingProxy;

    beforeEach(async () => {
      const { hostname, port } = new URL(testDatabase.url);
      proxy = await startStallingProxy({ host: hostname, port: Number(port) });
    });

    afterEach(async () => {
      await proxy.close();
    });

    function openThroughProxy(): Database {
      const url = new URL(testDatabase.url);
      url.port = String(proxy.port);
      return open({ url: url.href, statementTimeoutMs: 100, queryTimeoutMs: 200, acquireTimeoutMs: 2_000 });
    }

    it('is given up after the query timeout, and the pool opens a new connection', async () => {
      const database = openThroughProxy();
      await database.ping();

      proxy.stall();
      const error = await rejectionOf(database.ping());

      expect(error).to.be.instanceOf(DatabaseUnavailableError);
      await database.ping();
    });

    it('is given up in the middle of a transaction, too', async () => {
      const database = openThroughProxy();

      const error = await rejectionOf(
        database.transaction(async (transaction) => {
          await database.query('insert into items values (3)', { transaction });
          proxy.stall();
          await database.query('insert into items values (4)', { transaction });
        }),
      );

      expect(error).to.be.instanceOf(DatabaseUnavailableError);
      expect(await database.query('select from items')).to.be.empty;
    });
  });
});
