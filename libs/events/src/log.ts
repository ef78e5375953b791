/** Writes one structured line: variables as fields, constant text as message. */
export type LogLine = (fields: object, message: string) => void;

/** The part of a logger that this library needs. A pino logger is one. */
export interface EventsLog {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

/** Reports an outage with one line when it begins and one when it ends, however often the work is tried in between. */
export interface OutageLog {
  /** Work failed. Only the first call of an outage writes a line. */
  failed(error: unknown): void;
  /** Work succeeded. Writes a line only when it ends an outage. */
  recovered(): void;
}

/** Makes an {@link OutageLog} whose lines carry `part`, the name of what is failing. */
export function createOutageLog({ log, part }: { log: EventsLog; part: string }): OutageLog {
  let failedAt: number | undefined;
  let failures = 0;

  return {
    failed(error) {
      failures += 1;
      if (failedAt !== undefined) return;
      failedAt = performance.now();
      log.warn({ err: error, part }, 'outage began, will keep trying');
    },
    recovered() {
      if (failedAt === undefined) return;
      const outageMs = Math.round(performance.now() - failedAt);
      failedAt = undefined;
      log.info({ part, outageMs, failures }, 'outage ended');
      failures = 0;
    },
  };
}
