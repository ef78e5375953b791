import { open } from 'node:fs/promises';
import { ProcessFailedError, type ExitStatus } from '@chain-processor/local-stack';

/** A process of the stack, whatever it is. */
export interface Component {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Its last words since it was started. Default: the end of the log file. */
  lastOutput?(): string;
  readonly exited: Promise<ExitStatus>;
  /** Sent to the whole process group when the user will not wait. */
  readonly forceSignal: NodeJS.Signals;
  stop(): Promise<unknown>;
}

const TAIL_BYTES = 8 * 1024;
const TAIL_LINES = 20;

/** What became of a component that ended without being asked to, with the last lines of its log. */
export async function describeDeath(
  component: Component,
  exitStatus: ExitStatus,
): Promise<ProcessFailedError> {
  const { name, logFile } = component;
  const how = exitStatus.signal ?? `exit code ${exitStatus.code ?? 'unknown'}`;
  return new ProcessFailedError({
    name,
    problem: `it ended unexpectedly (${how}); its log is ${logFile}`,
    // Its death is what matters; a log that cannot be read has nothing to add.
    lastOutput: component.lastOutput?.() ?? (await readTail(logFile).catch(() => '')),
    exitStatus,
  });
}

/** Ends a component at once. */
export function forceEnd({ pid, forceSignal }: Component): void {
  try {
    process.kill(-pid, forceSignal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function readTail(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } finally {
    await file.close();
  }
}
