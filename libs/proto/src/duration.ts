import { Duration } from './gen/google/protobuf/duration.js';

export { Duration };

/** Whole milliseconds as a google.protobuf.Duration. Throws RangeError unless `milliseconds` is a safe integer. */
export function durationFromMs(milliseconds: number): Duration {
  if (!Number.isSafeInteger(milliseconds)) {
    throw new RangeError(`a duration must be a whole number of milliseconds, got ${milliseconds}`);
  }
  return { seconds: BigInt(Math.trunc(milliseconds / 1000)), nanos: (milliseconds % 1000) * 1_000_000 };
}

/**
 * A google.protobuf.Duration in milliseconds, fractions kept. Exact to the millisecond within the range that the format
 * allows (10,000 years); a value that a peer sent must still be checked against the field's own limits.
 */
export function durationToMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
