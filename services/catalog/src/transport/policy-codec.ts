import { z } from 'zod';
import { OnError, type NodePolicy, type RetryPolicy } from '@chain-processor/proto/catalog';
import { durationFromMs, durationToMs, type Duration } from '@chain-processor/proto/duration';
import { text } from '@chain-processor/service-kit';
import { withDefaults, type GivenPolicy, type OnErrorKind, type Policy } from '../domain/policy.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAX_FALLBACK_BYTES = 32_768;
const MAX_NANOS = 999_999_999;

/** A Duration of whole milliseconds; absent stays undefined. */
const durationMs = (options: { readonly minMs: number; readonly maxMs: number }) =>
  z
    .object({ seconds: z.bigint(), nanos: z.int() })
    .optional()
    .transform((duration, context): number | undefined => {
      if (duration === undefined) return undefined;
      const milliseconds = durationToMs(duration);
      const { minMs, maxMs } = options;
      if (Math.abs(duration.nanos) > MAX_NANOS || !Number.isInteger(milliseconds)) {
        context.addIssue('must be a whole number of milliseconds');
      } else if (milliseconds < minMs || milliseconds > maxMs) {
        context.addIssue(`must be ${minMs} ms to ${maxMs} ms, and is ${milliseconds} ms`);
      }
      return milliseconds;
    });

/** A number of which 0, proto3's default, means that nothing was said. */
const numberOrDefault = (schema: z.ZodNumber) =>
  z.preprocess((value) => (value === 0 ? undefined : value), schema.optional());

const retrySchema = z
  .object({
    maxAttempts: numberOrDefault(z.int().min(1, 'must be 1 to 10').max(10, 'must be 1 to 10')),
    initialBackoff: durationMs({ minMs: 0, maxMs: MINUTE_MS }),
    maxBackoff: durationMs({ minMs: 0, maxMs: 5 * MINUTE_MS }),
    multiplier: numberOrDefault(
      z.number('must be 1 to 10').min(1, 'must be 1 to 10').max(10, 'must be 1 to 10'),
    ),
    jitter: z.number('must be 0 to 1').min(0, 'must be 0 to 1').max(1, 'must be 0 to 1'),
  })
  .transform(({ initialBackoff, maxBackoff, ...rest }) => ({
    ...rest,
    initialBackoffMs: initialBackoff,
    maxBackoffMs: maxBackoff,
  }))
  .superRefine((retry, context) => {
    const { initialBackoffMs, maxBackoffMs } = withDefaults({
      retry,
      onError: 'fail',
      fallbackText: '',
    }).retry;
    if (maxBackoffMs < initialBackoffMs) {
      context.addIssue({
        code: 'custom',
        path: ['maxBackoff'],
        message: `must not be below initial_backoff, which is ${initialBackoffMs} ms, and is ${maxBackoffMs} ms`,
      });
    }
  });

const kindOf = new Map<OnError, OnErrorKind>([
  [OnError.UNSPECIFIED, 'fail'],
  [OnError.FAIL, 'fail'],
  [OnError.SKIP, 'skip'],
  [OnError.FALLBACK, 'fallback'],
]);

const onErrorOf: Readonly<Record<OnErrorKind, OnError>> = {
  fail: OnError.FAIL,
  skip: OnError.SKIP,
  fallback: OnError.FALLBACK,
};

const onErrorSchema = z.enum(OnError).transform((value, context): OnErrorKind => {
  const kind = kindOf.get(value);
  if (kind === undefined) context.addIssue('must be a known value of OnError');
  return kind ?? 'fail';
});

/** The policy of a position; absent stays undefined. */
export const policySchema = z
  .object({
    timeout: durationMs({ minMs: 1, maxMs: HOUR_MS }),
    retry: retrySchema.optional(),
    onError: onErrorSchema,
    fallbackText: text({ minLength: 0, maxLength: MAX_FALLBACK_BYTES }).refine(
      (value) => Buffer.byteLength(value) <= MAX_FALLBACK_BYTES,
      `must have at most ${MAX_FALLBACK_BYTES} bytes of UTF-8`,
    ),
  })
  .superRefine(({ onError, fallbackText }, context) => {
    if (onError !== 'fallback' && fallbackText !== '') {
      context.addIssue({
        code: 'custom',
        path: ['fallbackText'],
        message: 'must be empty unless on_error is ON_ERROR_FALLBACK',
      });
    }
  })
  .transform(({ timeout, ...rest }): GivenPolicy => ({ ...rest, timeoutMs: timeout }))
  .optional();

/** With what its author left out left out. */
export function toProtoPolicy(policy: GivenPolicy): NodePolicy {
  const { timeoutMs, retry, onError, fallbackText } = policy;
  return {
    timeout: toProtoDuration(timeoutMs),
    retry: retry === undefined ? undefined : toProtoRetry(retry),
    onError: onErrorOf[onError],
    fallbackText,
  };
}

function toProtoRetry(retry: NonNullable<GivenPolicy['retry']> | Policy['retry']): RetryPolicy {
  return {
    maxAttempts: retry.maxAttempts ?? 0,
    initialBackoff: toProtoDuration(retry.initialBackoffMs),
    maxBackoff: toProtoDuration(retry.maxBackoffMs),
    multiplier: retry.multiplier ?? 0,
    jitter: retry.jitter ?? 0,
  };
}

function toProtoDuration(milliseconds: number | undefined): Duration | undefined {
  return milliseconds === undefined ? undefined : durationFromMs(milliseconds);
}
