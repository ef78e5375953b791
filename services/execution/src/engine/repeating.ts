/** Something that is done again and again, never twice at a time. */
export interface Repeating {
  start(): void;
  /** Resolves when the last one has ended. */
  stop(): Promise<void>;
}

/** Does `action` at once and then every `intervalMs` milliseconds; an action that takes longer is not queued up. */
export function createRepeating(action: () => Promise<void>, intervalMs: number): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  function run(): void {
    running ??= action().finally(() => {
      running = undefined;
    });
  }

  return {
    start() {
      run();
      timer = setInterval(run, intervalMs);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
