import { delimiter } from 'node:path';

/** What this library takes from the environment of the process that it runs in. */
export interface HostEnvironment {
  /** Where programs are looked for, in this order. */
  readonly executableFolders: readonly string[];
  /** Handed to the helper programs (`apt-get`, `tar`), which may need a proxy or a certificate setting. */
  readonly toolVariables: NodeJS.ProcessEnv;
  /** Handed to PostgreSQL and nats-server: nothing of the caller's shell may change how they behave. */
  readonly serverVariables: NodeJS.ProcessEnv;
}

/** Debian puts `nats-server` into a folder that is not on an ordinary user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Reads the environment once per call; every message of a helper program is in English, because some are matched. */
export function readHostEnvironment(environment: NodeJS.ProcessEnv = process.env): HostEnvironment {
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const executableFolders = [...new Set([...onPath, ...SYSTEM_FOLDERS])];
  const PATH = executableFolders.join(delimiter);
  return {
    executableFolders,
    toolVariables: { ...environment, PATH, LC_ALL: 'C' },
    serverVariables: { PATH, LC_ALL: 'C' },
  };
}
