import { readFileSync } from 'node:fs';
import { parseDatabaseUrl, type DatabaseTls } from './connection-options.js';

/** The environment and the arguments of a command do not say what it has to do. The message lists every fault. */
export class UsageError extends Error {
  constructor(faults: readonly string[], usage: string) {
    super([...faults, usage].join('\n'));
    this.name = 'UsageError';
  }
}

export interface MigrateConfig {
  /** `DATABASE_URL`, required: the database, with the role that owns its tables. */
  readonly url: string;
  /** `MIGRATIONS_DIRECTORY`, required: the directory of one service. */
  readonly directory: string;
  /** `DATABASE_CA_FILE`: PEM file of the authority that signed the server's certificate; turns TLS on. Default: no TLS. */
  readonly tls: DatabaseTls | undefined;
  /** First argument. */
  readonly command: 'up' | 'down' | 'status';
  /** Second argument of up and down: the version to end at. Default: up to the latest, down by one. */
  readonly to: number | undefined;
}

export interface DumpSchemasConfig {
  /** `DATABASE_ADMIN_URL`, required: any database of a server where scratch databases may be created. */
  readonly adminUrl: string;
  /** `MIGRATIONS_ROOT`, required: the directory with one directory per service. */
  readonly root: string;
  /** `--check`: compare with the files that are there and write nothing. Default: write them. */
  readonly isCheck: boolean;
}

const MIGRATE_USAGE =
  'usage: DATABASE_URL=... MIGRATIONS_DIRECTORY=... migrate-main up|down [version] | status';
const DUMP_USAGE = 'usage: DATABASE_ADMIN_URL=... MIGRATIONS_ROOT=... dump-schemas-main [--check]';

/** @throws UsageError with all faults */
export function readMigrateConfig(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): MigrateConfig {
  const faults: string[] = [];
  const [command, version, ...rest] = argv;
  if (command !== 'up' && command !== 'down' && command !== 'status') {
    faults.push(`the first argument must be up, down or status, not ${command ?? 'nothing'}`);
  }
  if (version !== undefined && (command === 'status' || !/^\d{1,4}$/.test(version))) {
    faults.push(`${version} is no version to migrate to`);
  }
  if (rest.length > 0) faults.push(`what is ${rest.join(' ')}?`);
  const url = requiredUrl(env, 'DATABASE_URL', faults);
  const directory = required(env, 'MIGRATIONS_DIRECTORY', faults);
  const tls = optionalTls(env, faults);
  if (faults.length > 0 || (command !== 'up' && command !== 'down' && command !== 'status')) {
    throw new UsageError(faults, MIGRATE_USAGE);
  }
  return Object.freeze({
    url,
    directory,
    tls,
    command,
    to: version === undefined ? undefined : Number(version),
  });
}

/** @throws UsageError with all faults */
export function readDumpSchemasConfig(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): DumpSchemasConfig {
  const faults = argv.filter((argument) => argument !== '--check').map((argument) => `what is ${argument}?`);
  const adminUrl = requiredUrl(env, 'DATABASE_ADMIN_URL', faults);
  const root = required(env, 'MIGRATIONS_ROOT', faults);
  if (faults.length > 0) throw new UsageError(faults, DUMP_USAGE);
  return Object.freeze({ adminUrl, root, isCheck: argv.includes('--check') });
}

function required(env: NodeJS.ProcessEnv, name: string, faults: string[]): string {
  const value = env[name] ?? '';
  if (value === '') faults.push(`${name} must be set`);
  return value;
}

function requiredUrl(env: NodeJS.ProcessEnv, name: string, faults: string[]): string {
  const url = required(env, name, faults);
  try {
    if (url !== '') parseDatabaseUrl(url);
  } catch (error) {
    faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return url;
}

function optionalTls(env: NodeJS.ProcessEnv, faults: string[]): DatabaseTls | undefined {
  const file = env['DATABASE_CA_FILE'] ?? '';
  if (file === '') return undefined;
  try {
    return { certificateAuthority: readFileSync(file, 'utf8') };
  } catch (error) {
    faults.push(`DATABASE_CA_FILE: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
