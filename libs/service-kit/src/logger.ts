import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { errorFields } from './error-fields.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Which service writes: `identity`, `catalog`, `execution`. */
  readonly service: string;
  readonly level: string;
  /** Where lines go. Default standard output. */
  readonly destination?: DestinationStream;
}

/** JSON lines with ISO times. Messages are constant text, variables are fields, errors go under `err` with their causes. */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => errorFields(error) },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
