import { closeSync, fstatSync, mkdtempSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A log that has grown beyond this is set aside as `<file>.1` before the next start. */
const ROTATE_AT_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 20;

/** Where a process writes its output. */
export interface OutputFile {
  readonly descriptor: number;
  /** The last lines that were written since this file was opened. */
  readTail(): string;
  close(): void;
}

/**
 * Opens the file that takes a process's output. The process gets the file itself and not a pipe: a pipe would kill the process
 * by SIGPIPE as soon as the launcher is gone, and its last words, the ones that matter, would be lost.
 * Without `path` the output goes to a nameless temporary file, so that it can still be quoted in an error.
 */
export function openOutputFile(path: string | undefined): OutputFile {
  const descriptor = path === undefined ? openNameless() : openLog(path);
  const start = fstatSync(descriptor).size;
  let isOpen = true;
  let lastTail = '';

  const readTail = () => {
    if (!isOpen) return lastTail;
    const end = fstatSync(descriptor).size;
    const from = Math.max(start, end - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, end - from));
    const length = readSync(descriptor, buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, length).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  };

  return {
    descriptor,
    readTail,
    close: () => {
      if (!isOpen) return;
      lastTail = readTail();
      isOpen = false;
      closeSync(descriptor);
    },
  };
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_AT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a+', 0o600);
}

function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'chain-processor-output-'));
  try {
    return openSync(join(folder, 'output'), 'a+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
