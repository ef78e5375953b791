import { randomUUID } from 'node:crypto';
import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { readProcessIdentity } from '../process/process-table.js';
import { isSystemError } from './is-system-error.js';

/** Another program that still runs uses the directory. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
  readonly directory: string;
  /** The process that claimed the directory. */
  readonly ownerPid: number;

  constructor({ directory, ownerPid }: { readonly directory: string; readonly ownerPid: number }) {
    super(
      `${directory} is in use by process ${ownerPid}. Stop that process first, or use another directory.`,
    );
    this.directory = directory;
    this.ownerPid = ownerPid;
  }
}

/** The right to run a server on a directory; held until released or until this process is gone. */
export interface DirectoryClaim {
  release(): Promise<void>;
}

/**
 * Claims `directory` for this process through the file `<directory>.owner`. After this, a server that still runs on the
 * directory has no living owner, so it is a leftover that may be stopped: starting the stack twice never kills the first one.
 *
 * Fails with DirectoryInUseError while the owner lives, or while another process is taking over from a dead one. An owner is
 * recognised by pid and start time, so a reused pid does not keep the directory locked.
 *
 * What makes the claim exclusive:
 * - C1 A record appears whole or not at all, and never in the place of another one (`link`).
 * - C2 No two records are alike, so equal content means the same record.
 * - C3 The record of a living process is removed by that process only.
 * - C4 The record of a dead process is removed only by the holder of `<file>.takeover`, which is taken in the same way. Between
 *   its comparison and its removal nobody else can remove the record, so it never removes a newer one.
 */
export async function claimDirectory(directory: string): Promise<DirectoryClaim> {
  const path = `${directory}.owner`;
  const identity = await readProcessIdentity(process.pid);
  if (identity === undefined) throw new Error('This process is not among the running processes that it sees');
  const record = `${process.pid} ${identity}\n${randomUUID()}\n`;
  const ownerPid = await take(path, record);
  if (ownerPid !== undefined) throw new DirectoryInUseError({ directory, ownerPid });
  return { release: () => removeRecord(path, record) };
}

/** Puts the record there, unless a living process is in the way: then returns that process. */
async function take(path: string, record: string): Promise<number | undefined> {
  for (;;) {
    if (await createWhole(path, record)) return undefined;
    const found = await readIfPresent(path);
    if (found === undefined) continue;
    const obstacle = (await findLivingOwner(found)) ?? (await removeDead({ path, dead: found, record }));
    if (obstacle !== undefined) return obstacle;
  }
}

/** Sees to C4. Returns the process that is about to take over already, if there is one. */
async function removeDead({
  path,
  dead,
  record,
}: {
  readonly path: string;
  readonly dead: string;
  readonly record: string;
}): Promise<number | undefined> {
  const right = `${path}.takeover`;
  const taker = await take(right, record);
  if (taker !== undefined) return taker;
  try {
    await removeRecord(path, dead);
  } finally {
    await removeRecord(right, record);
  }
  return undefined;
}

async function removeRecord(path: string, record: string): Promise<void> {
  if ((await readIfPresent(path)) === record) await rm(path, { force: true });
}

/** Creates the file with its content in one step, so that no reader sees it empty; false when it exists. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function findLivingOwner(record: string): Promise<number | undefined> {
  const [, digits, identity] = /^(\d+) (.*)$/m.exec(record) ?? [];
  const pid = Number(digits);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return (await readProcessIdentity(pid)) === identity ? pid : undefined;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
