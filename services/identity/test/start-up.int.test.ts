import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createDatabase, SchemaVersionError, type Database } from '@chain-processor/db';
import type { RunningService } from '@chain-processor/service-kit';
import { createTestDatabase } from '@chain-processor/testing';
import {
  ADMIN_EMAIL,
  createIdentityEnvironment,
  startFromEnvironment,
  startIdentityFixture,
  type Environment,
} from './support/identity-fixture.js';

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('start-up', () => {
  let environment: Environment;
  let drop: () => Promise<void>;
  let database: Database;
  let running: RunningService[];

  beforeEach(async () => {
    ({ environment, drop } = await createIdentityEnvironment());
    database = createDatabase({
      url: environment['DATABASE_URL'] ?? '',
      applicationName: 'test',
      poolMax: 2,
    });
    running = [];
  });

  afterEach(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await database.close();
    await drop();
  });

  async function start(overrides: Environment = {}): Promise<void> {
    running.push(await startFromEnvironment({ ...environment, ...overrides }));
  }

  const admins = () =>
    database.query<{ email: string; password_hash: string; roles: string[] }>(
      'select email, password_hash, roles from users where is_superuser',
    );

  it('makes the first admin once and never touches its password again', async () => {
    await start();
    const [created] = await admins();

    await start({ BOOTSTRAP_ADMIN_PASSWORD: 'another password entirely' });
    await start({ BOOTSTRAP_ADMIN_EMAIL: 'second@example.com' });

    expect(await admins()).to.deep.equal([created]);
    expect(created).to.deep.include({ email: ADMIN_EMAIL, roles: ['admin'] });
    expect(created?.password_hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('makes no superuser of an account that exists', async () => {
    await database.query(
      `insert into users (id, email, password_hash, full_name) values (gen_random_uuid(), $1, 'x', 'Someone')`,
      { bind: [ADMIN_EMAIL] },
    );

    await start();

    expect(await admins()).to.deep.equal([]);
  });

  it('makes one admin and one signing key when replicas start at once', async () => {
    await Promise.all([start(), start({ BOOTSTRAP_ADMIN_EMAIL: 'other@example.com' }), start(), start()]);

    expect(await admins()).to.have.length(1);
    expect(await database.query('select kid from signing_keys')).to.have.length(1);
  });

  it('needs no admin', async () => {
    await start({ BOOTSTRAP_ADMIN_EMAIL: '', BOOTSTRAP_ADMIN_PASSWORD: '' });

    expect(await admins()).to.deep.equal([]);
  });

  it('stores no private key in the clear', async () => {
    await start();

    const [key] = await database.query<{ public_jwk: object; private_jwk_encrypted: string }>(
      'select public_jwk, private_jwk_encrypted from signing_keys',
    );
    expect(key?.public_jwk).to.have.all.keys('kty', 'crv', 'x');
    expect(key?.private_jwk_encrypted.split('.')).to.have.length(5);
  });

  it('refuses another encryption key than the one that its signing key was made with', async () => {
    await start();

    const failure = await rejectionOf(
      start({ SIGNING_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') }),
    );

    expect(failure).to.have.property('name', 'SigningKeyUnreadableError');
    expect(failure)
      .to.have.property('message')
      .that.matches(/SIGNING_KEY_ENCRYPTION_KEY does not open/);
  });

  it('refuses a database without its migrations', async () => {
    const empty = await createTestDatabase({ service: 'empty' });

    const failure = await rejectionOf(start({ DATABASE_URL: empty.url }));

    expect(failure).to.be.instanceOf(SchemaVersionError);
    await empty.drop();
  });

  it('keeps replicas of different databases in one process apart', async () => {
    const [first, second] = [await startIdentityFixture(), await startIdentityFixture()];
    await second.stop();

    expect(await first.login()).to.be.a('string');
    await first.stop();
  });
});
