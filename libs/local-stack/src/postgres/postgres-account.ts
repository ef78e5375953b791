import { readFile, stat } from 'node:fs/promises';
import { readHostEnvironment } from '../host/config.js';
import { isSystemError } from '../host/is-system-error.js';
import { runCommand } from '../process/run-command.js';

/** The user that PostgreSQL runs as when it cannot run as the caller. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

/** Debian's own account for PostgreSQL if the machine has it, else the one that every Unix has. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Whom PostgreSQL must run as: undefined means as the caller. PostgreSQL refuses to run as root, so under root it runs as the
 * owner of the existing data, else as `postgres`, else as `nobody`. No account is created: starting a development stack
 * must not change the machine's users.
 */
export async function choosePostgresAccount(dataDirectory: string): Promise<PostgresAccount | undefined> {
  const owner = await readOwner(dataDirectory);
  const ownUid = process.getuid?.();
  if (ownUid !== 0) {
    if (owner !== undefined && ownUid !== undefined && owner.uid !== ownUid) {
      throw new Error(
        `${dataDirectory} belongs to the user with id ${owner.uid}, and this program runs as ${ownUid}. ` +
          'Start it as that user or as root, or delete the directory.',
      );
    }
    return undefined;
  }
  if (owner !== undefined && owner.uid !== 0) return owner;
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8'));
  for (const name of CANDIDATES) {
    const account = accounts.get(name);
    if (account !== undefined) return account;
  }
  throw new Error(
    `PostgreSQL cannot run as root and this machine has no user named ${CANDIDATES.join(' or ')}. ` +
      'Start as an ordinary user, or create one: useradd --system postgres',
  );
}

/** Whether `account` can enter and read `path`, with everything that decides about it: parents, groups, ACLs. */
export async function canReach(account: PostgresAccount, path: string): Promise<boolean> {
  const { exitCode } = await runCommand({
    command: '/bin/sh',
    args: ['-c', 'test -x "$1" && test -r "$1"', 'sh', path],
    env: readHostEnvironment().serverVariables,
    runAs: account,
  });
  return exitCode === 0;
}

async function readOwner(path: string): Promise<PostgresAccount | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseAccounts(passwd: string): Map<string, PostgresAccount> {
  const accounts = new Map<string, PostgresAccount>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    if (Number(uid) > 0) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}
