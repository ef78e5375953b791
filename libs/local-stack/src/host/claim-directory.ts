import { randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
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
 * Fails with DirectoryInUseError while the owner lives. The claim of a dead owner is taken over; the owner is recognised by pid
 * and start time, so a reused pid does not keep the directory locked.
 */
export async function claimDirectory(directory: string): Promise<DirectoryClaim> {
  const path = `${directory}.owner`;
  const record = `${process.pid} ${(await readProcessIdentity(process.pid)) ?? ''}\n`;
  for (;;) {
    if (await createWhole(path, record)) return { release: () => removeIfPresent(path) };
    const ownerPid = await readLivingOwner(path);
    if (ownerPid !== undefined) throw new DirectoryInUseError({ directory, ownerPid });
    await removeIfPresent(path);
  }
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

async function readLivingOwner(path: string): Promise<number | undefined> {
  let record: string;
  try {
    record = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  const separator = record.indexOf(' ');
  const pid = Number(record.slice(0, separator));
  if (separator < 0 || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return (await readProcessIdentity(pid)) === record.slice(separator + 1) ? pid : undefined;
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
