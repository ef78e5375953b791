import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensureSecrets } from '../src/secrets.js';
import {
  findRunningStack,
  removeStackFile,
  stackFileIn,
  writeStackFile,
  type StackDescription,
} from '../src/stack-file.js';

/** Larger than any process id that Linux or macOS gives out. */
const NO_PID = 2 ** 30;

describe('the files that are kept', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'chain-processor-launcher-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  describe('secrets', () => {
    it('are made once and readable by their owner only', async () => {
      const first = await ensureSecrets({ directory, adminPassword: undefined });
      const second = await ensureSecrets({ directory, adminPassword: 'another one altogether' });

      expect(first.isAdminPasswordNew).to.equal(true);
      expect(second).to.deep.equal({ secrets: first.secrets, isAdminPasswordNew: false });
      expect((await stat(join(directory, 'secrets.json'))).mode & 0o777).to.equal(0o600);
    });

    it('have the key length that identity wants, and no two passwords alike', async () => {
      const { secrets } = await ensureSecrets({ directory, adminPassword: undefined });
      const passwords = [secrets.adminPassword, ...Object.values(secrets.databasePasswords)];

      expect(Buffer.from(secrets.signingKeyEncryptionKey, 'base64')).to.have.length(32);
      expect(new Set(passwords)).to.have.length(4);
    });

    it('keep a password that was given, and do not call it new', async () => {
      const { secrets, isAdminPasswordNew } = await ensureSecrets({
        directory,
        adminPassword: 'given by hand',
      });

      expect(secrets.adminPassword).to.equal('given by hand');
      expect(isAdminPasswordNew).to.equal(false);
    });

    it('are not made anew when the file is damaged, because the data needs the old ones', async () => {
      await writeFile(join(directory, 'secrets.json'), '{');

      const error: unknown = await ensureSecrets({ directory, adminPassword: undefined }).catch(
        (reason: unknown) => reason,
      );

      expect(error).to.be.an('error').with.property('message').that.includes('secrets.json is damaged');
    });
  });

  describe('the description of the stack', () => {
    it('is found while all its processes live', async () => {
      await writeStackFile(directory, descriptionOf(process.pid));

      expect(await findRunningStack(directory)).to.deep.equal(descriptionOf(process.pid));
      expect((await stat(stackFileIn(directory))).mode & 0o777).to.equal(0o600);
    });

    it('does not count when one of them is gone', async () => {
      const description = descriptionOf(process.pid);
      await writeStackFile(directory, { ...description, nats: { ...description.nats, pid: NO_PID } });

      expect(await findRunningStack(directory)).to.equal(undefined);
    });

    it('is gone after it was removed, and removing it again is no error', async () => {
      await writeStackFile(directory, descriptionOf(process.pid));

      await removeStackFile(directory);
      await removeStackFile(directory);

      expect(await findRunningStack(directory)).to.equal(undefined);
    });
  });
});

function descriptionOf(pid: number): StackDescription {
  const service = { endpoint: '127.0.0.1:1', pid, databaseUrl: 'postgres://r:p@127.0.0.1:1/d' };
  return {
    pid,
    startTime: '2026-01-02T03:04:05.678Z',
    admin: { email: 'admin@example.org', password: 'password' },
    services: { identity: service, catalog: service, execution: service },
    postgres: { host: '127.0.0.1', port: 1, adminUrl: 'postgres://a:p@127.0.0.1:1/postgres', pid },
    nats: { url: 'nats://u:p@127.0.0.1:1', host: '127.0.0.1', port: 1, user: 'u', password: 'p', pid },
  };
}
