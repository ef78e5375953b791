/** The user's wish to stop. */
export interface StopRequest {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly requested: Promise<void>;
  /** Calls `listener`, and none that was given before it, at every further signal. Default: the process ends. */
  onImpatience(listener: () => void): void;
}

/** As a shell counts a process that Ctrl-C has ended. */
export const INTERRUPTED_EXIT_CODE = 130;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C reaches this process twice under npm, from the terminal and from npm; the echo is not impatience. */
const ECHO_MS = 500;

const PARENT_CHECK_MS = 1_000;

/**
 * Listens to Ctrl-C, to the request to terminate, and to the end of the terminal. With `followsParent` the end of the parent counts
 * too: when npm itself is killed, no Ctrl-C would ever reach this process.
 */
export function listenForStop({ followsParent }: { readonly followsParent: boolean }): StopRequest {
  const controller = new AbortController();
  let onImpatience: () => void = () => process.exit(INTERRUPTED_EXIT_CODE);
  let requestedAtMs = 0;
  const requested = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve());
  });

  function receive(): void {
    const nowMs = performance.now();
    if (!controller.signal.aborted) {
      requestedAtMs = nowMs;
      controller.abort();
    } else if (nowMs - requestedAtMs > ECHO_MS) {
      onImpatience();
    }
  }

  for (const signal of SIGNALS) process.on(signal, receive);
  const parentPid = process.ppid;
  const check = () => {
    if (process.ppid !== parentPid && !controller.signal.aborted) receive();
  };
  if (followsParent) setInterval(check, PARENT_CHECK_MS).unref();
  return {
    signal: controller.signal,
    requested,
    onImpatience(listener) {
      onImpatience = listener;
    },
  };
}
