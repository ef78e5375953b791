import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { createServiceDatabases, startPostgres, type LocalPostgres } from '../src/index.js';
import { catchRejection } from './catch-rejection.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const services = [
  { name: 'catalog', database: 'catalog', role: 'catalog', password: 'one' },
  { name: 'identity', database: `o'dd "name"`, role: `r"o'le`, password: `p@ss/wo'rd:\\%` },
] as const;

describe('createServiceDatabases', function () {
  this.timeout(120_000);

  let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
  let postgres: LocalPostgres;

  before(async () => {
    folder = await makeTemporaryFolder();
    const dataDirectory = join(folder.path, 'postgres');
    postgres = await startPostgres({ dataDirectory, persistent: false, fsync: false, log: () => undefined });
  });

  after(async () => {
    await postgres.stop();
    await folder.remove();
  });

  it('gives each service a database that it owns, under any name', async () => {
    const urls = await createServiceDatabases({ adminUrl: postgres.adminUrl, services });

    await query(urls.catalog, 'CREATE TABLE things (id int)');
    const [row] = await query(urls.identity, 'SELECT current_database() AS database, current_user AS role');

    expect(row).to.deep.equal({ database: services[1].database, role: services[1].role });
  });

  it('keeps a service out of the database of another', async () => {
    const urls = await createServiceDatabases({ adminUrl: postgres.adminUrl, services });
    const trespassing = new URL(urls.identity);
    trespassing.pathname = '/catalog';

    const error = await catchRejection(query(trespassing.href, 'SELECT 1'));

    expect(error).to.include({ code: '42501' });
  });

  it('keeps the data and sets the password anew when it runs again', async () => {
    const before = await createServiceDatabases({ adminUrl: postgres.adminUrl, services });
    await query(before.catalog, 'CREATE TABLE kept (id int)');
    const changed = [{ ...services[0], password: 'two' }];

    const after = await createServiceDatabases({ adminUrl: postgres.adminUrl, services: changed });

    expect(await query(after.catalog, 'SELECT count(*)::int AS rows FROM kept')).to.deep.equal([{ rows: 0 }]);
    expect(await catchRejection(query(before.catalog, 'SELECT 1'))).to.include({ code: '28P01' });
  });

  it('may run several times at once', async () => {
    const runs = [1, 2, 3].map(() =>
      createServiceDatabases({
        adminUrl: postgres.adminUrl,
        services: [{ name: 'execution', database: 'execution', role: 'execution', password: 'three' }],
      }),
    );

    const [urls] = await Promise.all(runs);

    expect(await query(urls?.execution ?? '', 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
