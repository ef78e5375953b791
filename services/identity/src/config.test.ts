import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConfigError } from '@chain-processor/service-kit';
import { loadIdentityConfig } from './config.js';

const environment = {
  DATABASE_URL: 'postgres://identity:hunter2@localhost:5432/identity',
  SIGNING_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};

function faultsOf(overrides: Record<string, string | undefined>): readonly string[] {
  try {
    loadIdentityConfig({ ...environment, ...overrides });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadIdentityConfig', () => {
  it('needs a database and an encryption key and defaults the rest', () => {
    const config = loadIdentityConfig(environment);

    expect(config).to.include({
      ACCESS_TOKEN_TTL_S: 600,
      PASSWORD_HASH_MEMORY_KIB: 19_456,
      DATABASE_POOL_MAX: 10,
    });
    expect(config.SIGNING_KEY_ENCRYPTION_KEY.reveal()).to.have.length(32);
    expect(faultsOf({ DATABASE_URL: '', SIGNING_KEY_ENCRYPTION_KEY: undefined })).to.have.length(2);
  });

  it('takes the first admin whole or not at all, whatever else is wrong', () => {
    const faults = faultsOf({ BOOTSTRAP_ADMIN_EMAIL: 'root@example.com', ACCESS_TOKEN_TTL_S: 'soon' });

    expect(faults.join())
      .to.match(/ACCESS_TOKEN_TTL_S/)
      .and.match(/set together with BOOTSTRAP_ADMIN_PASSWORD/);
    expect(faultsOf({ BOOTSTRAP_ADMIN_PASSWORD: 'a perfectly good password' })).to.have.length(1);
  });

  it('holds the password of the first admin to the rules for passwords', () => {
    const email = 'first.admin@example.com';

    for (const password of ['short', email.toUpperCase()]) {
      const faults = faultsOf({ BOOTSTRAP_ADMIN_EMAIL: email, BOOTSTRAP_ADMIN_PASSWORD: password });
      expect(faults.join()).to.match(/^BOOTSTRAP_ADMIN_PASSWORD: must/);
    }
  });

  it('refuses an encryption key that is not 32 bytes in base64', () => {
    for (const key of ['?', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')]) {
      expect(faultsOf({ SIGNING_KEY_ENCRYPTION_KEY: key }).join()).to.match(/base64/);
    }
  });

  it('refuses hashing that is too cheap and tokens that live too long', () => {
    const faults = faultsOf({
      PASSWORD_HASH_MEMORY_KIB: '19455',
      PASSWORD_HASH_PASSES: '1',
      ACCESS_TOKEN_TTL_S: '901',
    });

    expect(faults).to.have.length(3);
  });

  it('prints no secret', () => {
    const config = loadIdentityConfig({
      ...environment,
      BOOTSTRAP_ADMIN_EMAIL: 'root@example.com',
      BOOTSTRAP_ADMIN_PASSWORD: 'a perfectly good password',
    });

    const printed = inspect(config, { depth: 9 }) + JSON.stringify(config);

    expect(printed).not.to.match(/hunter2|perfectly|BwcHBw/);
  });
});
