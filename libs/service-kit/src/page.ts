import { z } from 'zod';
import { canonicalJson, sha256 } from '@chain-processor/canonical-json';
import { PageTokenInvalidError } from '@chain-processor/errors';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 100;

/** The `page_size` of a list: 0 means 50, more than 100 means 100, negative is a violation (AIP-158). */
export function pageSize() {
  return z
    .int()
    .min(0, 'must not be negative; 0 means the default of 50')
    .transform((size) => (size === 0 ? DEFAULT_PAGE_SIZE : Math.min(size, MAX_PAGE_SIZE)));
}

const tokenSchema = z.tuple([z.string(), z.unknown()]);

/**
 * Makes a page token: opaque, URL-safe, bound to the list that it continues. It carries no authorization.
 *
 * @param list all that the list depends on beside the page: method and filters. Any JSON.
 * @param cursor where the next page begins. Any JSON.
 */
export function encodePageToken(list: unknown, cursor: unknown): string {
  return Buffer.from(JSON.stringify([markOf(list), cursor]), 'utf8').toString('base64url');
}

/**
 * Reads a token made by {@link encodePageToken} for the same list; undefined for the empty token of a first page.
 *
 * @throws PageTokenInvalidError when it was changed, or made for another list.
 */
export function decodePageToken<Cursor extends z.ZodType>(
  list: unknown,
  token: string,
  cursor: Cursor,
): z.output<Cursor> | undefined {
  if (token === '') return undefined;
  const parsed = tokenSchema.safeParse(parseJson(Buffer.from(token, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data[0] !== markOf(list)) throw new PageTokenInvalidError();
  const checked = cursor.safeParse(parsed.data[1]);
  if (!checked.success) throw new PageTokenInvalidError();
  return checked.data;
}

/** Tells lists apart; a full digest would only make tokens longer. */
function markOf(list: unknown): string {
  return sha256(canonicalJson(list)).subarray(0, 9).toString('base64url');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one way of many to be no token of ours, and the schema says so.
    return undefined;
  }
}
