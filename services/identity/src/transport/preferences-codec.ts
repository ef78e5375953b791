import { z } from 'zod';
import type { Preferences } from '../domain/user.js';

const MAX_PREFERENCES_BYTES = 16_384;

/** The field `preferences`: a Struct that PostgreSQL's jsonb takes as it is. Absent means none. */
export function preferences() {
  return z
    .record(z.string(), z.unknown())
    .optional()
    .transform((value, context): Preferences => {
      const fault = preferencesFault(value ?? {});
      if (fault !== undefined) context.addIssue(fault);
      return value ?? {};
    });
}

function preferencesFault(value: Preferences): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_PREFERENCES_BYTES) {
    return `must have at most ${MAX_PREFERENCES_BYTES} bytes as JSON, and has ${bytes}`;
  }
  return jsonFault(value);
}

/** What a Struct can hold and jsonb cannot. */
function jsonFault(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.includes('\0') ? 'must not contain the character U+0000' : undefined;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : 'must not contain NaN or infinite numbers';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const fault = jsonFault(key) ?? jsonFault(member);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
