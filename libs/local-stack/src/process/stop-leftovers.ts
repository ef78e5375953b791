import type { LogLine } from '../host/log-line.js';
import { waitUntil } from '../host/wait-until.js';
import { listProcesses, type RunningProcess } from './process-table.js';
import { sendSignal } from './send-signal.js';

/** How long a leftover may take to stop by itself. */
const STOP_TIMEOUT_MS = 20_000;
const KILL_TIMEOUT_MS = 5_000;

/**
 * Stops the processes of an earlier run whose launcher was killed, and returns when none is left.
 * The caller must hold the claim on the directory they serve, and `isLeftover` must recognise them by that directory:
 * a pid alone proves nothing.
 */
export async function stopLeftovers({
  name,
  isLeftover,
  signalFor,
  log,
}: {
  /** For the progress line: `PostgreSQL`. */
  readonly name: string;
  readonly isLeftover: (candidate: RunningProcess) => boolean;
  /** The polite signal for one of the leftovers, given all of them; undefined leaves it to the others. */
  readonly signalFor: (
    leftover: RunningProcess,
    all: readonly RunningProcess[],
  ) => NodeJS.Signals | undefined;
  readonly log: LogLine;
}): Promise<void> {
  const find = async () =>
    (await listProcesses()).filter((candidate) => candidate.pid !== process.pid && isLeftover(candidate));
  const isGone = async () => (await find()).length === 0;

  const leftovers = await find();
  if (leftovers.length === 0) return;
  const targets = leftovers.flatMap((leftover) => {
    const signal = signalFor(leftover, leftovers);
    return signal === undefined ? [] : [{ pid: leftover.pid, signal }];
  });
  log(`${name}: stopping the server of an earlier run (process ${targets.map(({ pid }) => pid).join(', ')})`);
  for (const { pid, signal } of targets) sendSignal(pid, signal);
  if (await waitUntil({ condition: isGone, timeoutMs: STOP_TIMEOUT_MS })) return;

  for (const { pid } of await find()) sendSignal(pid, 'SIGKILL');
  if (await waitUntil({ condition: isGone, timeoutMs: KILL_TIMEOUT_MS })) return;
  throw new Error(
    `${name}: process ${(await find()).map(({ pid }) => pid).join(', ')} of an earlier run cannot be stopped`,
  );
}
