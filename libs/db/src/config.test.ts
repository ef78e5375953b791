import { expect } from 'chai';
import { readDumpSchemasConfig, readMigrateConfig, UsageError } from './config.js';

const ENV = {
  DATABASE_URL: 'postgres://user:secret@host/db',
  MIGRATIONS_DIRECTORY: 'migrations/catalog',
  DATABASE_ADMIN_URL: 'postgres://user:secret@host/postgres',
  MIGRATIONS_ROOT: 'migrations',
};

describe('readMigrateConfig', () => {
  it('takes a command, and a version for up and down', () => {
    expect(readMigrateConfig(['up'], ENV)).to.include({ command: 'up', to: undefined });
    expect(readMigrateConfig(['down', '0'], ENV)).to.include({ command: 'down', to: 0 });
    expect(readMigrateConfig(['status'], ENV)).to.include({ command: 'status', url: ENV.DATABASE_URL });
  });

  it('reports all faults together', () => {
    expect(() => readMigrateConfig(['sideways', 'far', 'away'], {}))
      .to.throw(UsageError)
      .with.property('message')
      .that.matches(/sideways.*far.*away.*DATABASE_URL.*MIGRATIONS_DIRECTORY.*usage/s);
  });

  it('refuses a URL that the driver would misread, and an authority that is not there', () => {
    const env = { ...ENV, DATABASE_URL: 'postgres://host', DATABASE_CA_FILE: '/nowhere/ca.pem' };

    expect(() => readMigrateConfig(['up'], env))
      .to.throw(UsageError)
      .with.property('message')
      .that.matches(/DATABASE_URL: .*DATABASE_CA_FILE: .*ENOENT/s);
  });
});

describe('readDumpSchemasConfig', () => {
  it('writes unless it is told to check', () => {
    expect(readDumpSchemasConfig([], ENV).isCheck).to.equal(false);
    expect(readDumpSchemasConfig(['--check'], ENV).isCheck).to.equal(true);
  });

  it('refuses what it does not know', () => {
    expect(() => readDumpSchemasConfig(['--chek'], ENV)).to.throw(UsageError, '--chek');
  });
});
