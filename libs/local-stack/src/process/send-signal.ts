import { isSystemError } from '../host/is-system-error.js';

/** Sends a signal; a process that ended in the meantime is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}
