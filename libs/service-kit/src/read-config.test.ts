import { inspect } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import { flag, grpcTarget, integer, postgresUrl, secret } from './config-fields.js';
import { ConfigError, readConfig } from './read-config.js';

const schema = z.object({
  PORT: integer({ min: 0, max: 65_535 }).default(50_051),
  VERBOSE: flag().default(false),
  DATABASE_URL: postgresUrl(),
  API_KEY: secret({ minLength: 16 }),
  PEER: grpcTarget().default('dns:///peer:50051'),
});
const good = { DATABASE_URL: 'postgres://role:pa55word@db:5432/name', API_KEY: '0123456789abcdef' };

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('reads text into types, fills in defaults and freezes the result', () => {
    const config = readConfig(schema, { ...good, PORT: '7', VERBOSE: 'true', UNKNOWN: 'ignored' });

    expect(config).to.include({ PORT: 7, VERBOSE: true, PEER: 'dns:///peer:50051' });
    expect(config.API_KEY.reveal()).to.equal('0123456789abcdef');
    expect(Object.isFrozen(config)).to.equal(true);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig(schema, { ...good, PORT: '' }).PORT).to.equal(50_051);
  });

  it('reports every fault at once, by name', () => {
    const faults = faultsOf({
      PORT: '70000',
      VERBOSE: 'yes',
      DATABASE_URL: 'mysql://x',
      API_KEY: 'short',
      PEER: 'no port',
    });

    expect(faults.map((fault) => fault.split(':')[0])).to.have.members([
      'PORT',
      'VERBOSE',
      'DATABASE_URL',
      'API_KEY',
      'PEER',
    ]);
  });

  it('never shows a value of a secret, neither in a fault nor anywhere that config is printed', () => {
    const faults = faultsOf({ DATABASE_URL: 'mysql://role:pa55word@db', API_KEY: 'tiny-secret' });
    const config = readConfig(schema, good);

    const printed = [...faults, JSON.stringify(config), inspect(config), String(config.API_KEY)].join('\n');
    expect(printed).to.not.match(/pa55word|tiny-secret|0123456789abcdef/);
    expect(JSON.stringify(config)).to.include('[secret]');
  });
});
