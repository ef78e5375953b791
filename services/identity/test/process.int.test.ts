import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createChannel, createClient } from 'nice-grpc';
import { z } from 'zod';
import { AuthServiceDefinition } from '@chain-processor/proto/identity';
import { createIdentityEnvironment, ADMIN_PASSWORD, type Environment } from './support/identity-fixture.js';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const lineSchema = z.looseObject({ msg: z.string() });

/** The real program, with all that it logs. */
class IdentityProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  readonly output: string[] = [];

  constructor(environment: Environment) {
    this.#child = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    }
  }

  /** The first line with this message. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('standard output is not piped');
    for await (const line of createInterface({ input: stdout })) {
      const fields = lineSchema.parse(JSON.parse(line));
      if (fields.msg === message) return fields;
    }
    throw new Error(`the process ended without «${message}»: ${this.output.join('')}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code. */
  async exit(): Promise<unknown> {
    return (await this.#exited)[0];
  }
}

describe('the identity process', () => {
  let environment: Environment;
  let drop: () => Promise<void>;
  let identity: IdentityProcess | undefined;

  beforeEach(async () => {
    ({ environment, drop } = await createIdentityEnvironment());
  });

  afterEach(async () => {
    identity?.signal('SIGKILL');
    identity = undefined;
    await drop();
  });

  it('serves until SIGTERM and then ends with 0, without a secret in its log', async () => {
    identity = new IdentityProcess({ ...environment, LOG_LEVEL: 'trace' });
    const { port } = await identity.logged('listening');
    const channel = createChannel(`127.0.0.1:${String(port)}`);
    const { keys } = await createClient(AuthServiceDefinition, channel).getJwks({});
    channel.close();

    identity.signal('SIGTERM');

    expect(await identity.exit()).to.equal(0);
    expect(keys).to.have.length(1);
    const log = identity.output.join('');
    expect(log).to.contain('"msg":"stopped"');
    for (const secret of [ADMIN_PASSWORD, environment['SIGNING_KEY_ENCRYPTION_KEY'] ?? '', 'argon2id']) {
      expect(log).not.to.contain(secret);
    }
  });

  it('ends with 2 and names every fault of its configuration, but no value', async () => {
    identity = new IdentityProcess({
      ...environment,
      DATABASE_URL: 'mysql://someone:hunter2@nowhere/db',
      SIGNING_KEY_ENCRYPTION_KEY: 'dG9vIHNob3J0',
      BOOTSTRAP_ADMIN_PASSWORD: '',
      ACCESS_TOKEN_TTL_S: '86400',
      PASSWORD_HASH_MEMORY_KIB: 'lots',
      GRPC_REFLECTION: 'maybe',
    });

    expect(await identity.exit()).to.equal(2);
    const log = identity.output.join('');
    for (const name of [
      'DATABASE_URL',
      'SIGNING_KEY_ENCRYPTION_KEY',
      'BOOTSTRAP_ADMIN_PASSWORD',
      'ACCESS_TOKEN_TTL_S',
      'PASSWORD_HASH_MEMORY_KIB',
      'GRPC_REFLECTION',
    ]) {
      expect(log).to.contain(name);
    }
    for (const value of ['hunter2', 'dG9vIHNob3J0', '86400', 'maybe']) expect(log).not.to.contain(value);
  });

  it('ends with 1 and says what is wrong when it cannot start', async () => {
    identity = new IdentityProcess({ ...environment, DATABASE_URL: 'postgres://a:hunter2@127.0.0.1:1/none' });

    expect(await identity.exit()).to.equal(1);
    const log = identity.output.join('');
    expect(log).to.contain('could not start').and.contain('ECONNREFUSED');
    expect(log).not.to.contain('hunter2');
  });
});
