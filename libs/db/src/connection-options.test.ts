import { expect } from 'chai';
import { connectionOptions, parseDatabaseUrl } from './connection-options.js';

describe('parseDatabaseUrl', () => {
  it('reads every part and decodes it', () => {
    expect(parseDatabaseUrl('postgres://us%40er:p%2Fw%3A@[::1]:6543/my%20db')).to.deep.equal({
      host: '::1',
      port: 6543,
      username: 'us@er',
      password: 'p/w:',
      database: 'my db',
    });
  });

  it('knows the standard port and a role without password', () => {
    expect(parseDatabaseUrl('postgresql://catalog@db/catalog')).to.deep.include({ port: 5432, password: '' });
  });

  for (const url of [
    '',
    'catalog',
    'mysql://user:secret@host/db',
    'postgres://host/db',
    'postgres://user:secret@host',
    'postgres://user:secret@host/db?sslmode=disable',
  ]) {
    it(`refuses "${url}" and does not repeat the password`, () => {
      expect(() => parseDatabaseUrl(url))
        .to.throw(TypeError)
        .with.property('message')
        .that.does.not.contain('secret');
    });
  }
});

describe('connectionOptions', () => {
  const settings = { url: 'postgres://user@host/db', applicationName: 'test', poolMax: 1 };

  it('bounds every wait by default', () => {
    const { pool, dialectOptions } = connectionOptions(settings);

    expect(pool).to.include({ max: 1, acquire: 5_000 });
    expect(dialectOptions).to.include({
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      statement_timeout: 5_000,
      query_timeout: 8_000,
      lock_timeout: 3_000,
      idle_in_transaction_session_timeout: 10_000,
    });
  });

  it('refuses a query timeout that would beat the statement timeout', () => {
    expect(() => connectionOptions({ ...settings, statementTimeoutMs: 8_000 })).to.throw(RangeError, '8000');
  });

  it('verifies the server whenever TLS is on', () => {
    expect(connectionOptions({ ...settings, tls: {} }).dialectOptions).to.deep.include({
      ssl: { rejectUnauthorized: true },
    });
  });
});
