import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogger } from './logger.js';

function logged(error: unknown): string {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  createLogger({ service: 'test', level: 'info', destination }).error({ err: error }, 'failed');
  return lines.join('');
}

describe('errors in the log', () => {
  it('come with code, stack and causes', () => {
    const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

    const line = logged(new Error('outer', { cause }));

    expect(line).to.contain('outer').and.contain('connection refused').and.contain('ECONNREFUSED');
    expect(line).to.contain('error-fields.test');
  });

  it('come without the statement and the parameters that a driver attaches', () => {
    const parent = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(ada@example.com) already exists.',
      parameters: ['$argon2id$...'],
    });

    const line = logged(
      Object.assign(new Error('Validation error'), { parent, sql: "email = 'ada@example.com'" }),
    );

    expect(line).to.contain('duplicate key').and.contain('23505');
    expect(line).not.to.contain('ada@example.com');
    expect(line).not.to.contain('argon2id');
  });

  it('may be anything that was thrown, also a loop of causes', () => {
    const loop = new Error('loop');
    loop.cause = loop;

    expect(logged(loop)).to.contain('loop');
    expect(logged('a text')).to.contain('a text');
    expect(logged(undefined)).to.contain('failed');
  });
});
