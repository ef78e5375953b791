import { readFileSync } from 'node:fs';

/** What a process holds and has used, as the kernel counts it. */
export interface ProcessUsage {
  readonly residentMiB: number;
  /** User and system time since the process began, in milliseconds. */
  readonly cpuMs: number;
}

/** USER_HZ is 100 on every Linux that Node runs on, whatever the kernel's own tick. */
const MS_PER_TICK = 10;

/**
 * Reads `/proc`. Undefined when the process is gone or the platform has no `/proc`.
 *
 * The resident size comes from `status` because `statm` counts in pages, whose size Node cannot ask for (arm64 has 4, 16 or
 * 64 KiB). The synchronous read is deliberate: the kernel makes these files in memory in some 20 µs, less than a trip
 * through the thread pool, which could be busy just when a runner fills the machine's memory.
 */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  try {
    const residentKiB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'ascii'))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, 'ascii');
    // A process that has ended but was not waited for has no memory left to name.
    if (residentKiB === undefined) return undefined;
    // The second field is the command in brackets and may hold blanks; counting starts after it, at field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      residentMiB: Number(residentKiB) / 1_024,
      cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
