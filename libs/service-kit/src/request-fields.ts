import { z } from 'zod';

/**
 * Text of a request, counted in Unicode code points as PostgreSQL counts `varchar`. NUL is refused, because PostgreSQL cannot
 * store it; lone surrogates never get here, because requests are read as strict UTF-8.
 */
export function text(options: { minLength: number; maxLength: number }) {
  const { minLength, maxLength } = options;
  const range = `must have ${minLength} to ${maxLength} characters`;
  return z.string({ error: 'is required' }).superRefine((value, context) => {
    if (value === '' && minLength > 0) context.addIssue('is required');
    else if (!hasLength(value, minLength, maxLength)) context.addIssue(range);
    if (value.includes('\0')) context.addIssue('must not contain the character U+0000');
  });
}

/** The id of a resource, in lower case as it is stored. */
export function resourceId() {
  return z
    .string({ error: 'is required' })
    .min(1, { error: 'is required', abort: true })
    .pipe(
      z.uuid({ error: 'must be a UUID, for example 0190a5c2-7b1e-7cc3-8f00-5f0c1c2d3e4f' }).toLowerCase(),
    );
}

/** The `request_id` of a request that may be repeated: a UUID, or empty, which becomes undefined. */
export function requestId() {
  const given = resourceId();
  // Not .optional(), which would make the key optional too, and commands name it always.
  return z.string().transform((value, context): string | undefined => {
    if (value === '') return undefined;
    const { data, error } = given.safeParse(value);
    for (const { message } of error?.issues ?? []) context.addIssue(message);
    return data;
  });
}

/**
 * A Struct that PostgreSQL's jsonb takes as it is; absent means empty. Refuses what a Struct can hold and jsonb cannot: NUL and
 * numbers that are not finite.
 */
export function jsonObject({ maxBytes }: { readonly maxBytes: number }) {
  return z
    .record(z.string(), z.unknown())
    .default({})
    .superRefine((value, context) => {
      const fault = jsonFault(value) ?? sizeFault(value, maxBytes);
      if (fault !== undefined) context.addIssue(fault);
    });
}

function sizeFault(value: unknown, maxBytes: number): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  return bytes > maxBytes ? `must have at most ${maxBytes} bytes as JSON, and has ${bytes}` : undefined;
}

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

function hasLength(value: string, minLength: number, maxLength: number): boolean {
  // A code point has one or two code units, so most texts need no walk.
  if (value.length < minLength || value.length > 2 * maxLength) return false;
  const length = Array.from(value).length;
  return length >= minLength && length <= maxLength;
}
