import { z } from 'zod';
import { Secret } from './secret.js';

/** A whole number of the given unit, from the environment's text. */
export function integer(options: { min: number; max?: number }) {
  const number = z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(options.min);
  return options.max === undefined ? number : number.max(options.max);
}

/** Timers of Node.js go no further; a longer one fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** A time in milliseconds that a timer can wait. */
export const milliseconds = (options: { min: number }) => integer({ ...options, max: MAX_TIMER_MS });

/** A TCP port; 0 lets the system choose a free one. */
export const port = () => integer({ min: 0, max: 65_535 });

/** `true` or `false`. */
export const flag = () =>
  z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');

/** A text of at least `minLength` characters that is masked wherever it is printed. */
export function secret(options: { minLength: number }) {
  return z
    .string({ error: 'is required' })
    .min(options.minLength, `must have at least ${options.minLength} characters`)
    .transform((text) => new Secret(text));
}

/** A PostgreSQL connection URL; it holds a password, so it is a secret. */
export function postgresUrl() {
  return z
    .string({ error: 'is required, for example postgres://role:password@host:5432/database' })
    .refine(isPostgresUrl, {
      error: 'must be a URL such as postgres://role:password@host:5432/database, without parameters',
    })
    .transform((text) => new Secret(text));
}

/** A gRPC target: `host:port` or `dns:///host:port`. */
export function grpcTarget() {
  return z
    .string({ error: 'is required, for example dns:///identity:50051' })
    .regex(/^(dns:\/\/\/)?[\w.-]+:\d{1,5}$/, 'must be host:port or dns:///host:port');
}

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname, pathname, search } = new URL(text);
  return (
    /^postgres(ql)?:$/.test(protocol) &&
    [username, hostname, pathname.slice(1)].every((part) => part !== '') &&
    [username, password, pathname].every(isDecodable) &&
    search === ''
  );
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    // The only thing that it throws for is the fault that is asked about.
    return false;
  }
}
