import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { invariant } from '@chain-processor/errors';

/**
 * The one JSON text of a value (RFC 8785): keys sorted, numbers in their shortest form, no white space. Keys whose value is
 * undefined are left out.
 *
 * @param value JSON: strings, finite numbers, booleans, null, arrays and plain objects of them. Anything else is the caller's
 *   bug; NaN, infinities, bigints and undefined itself throw.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  invariant(text !== undefined, 'the value has no canonical JSON');
  return text;
}

/** SHA-256 (32 bytes) of a text in UTF-8. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** SHA-256 (32 bytes) of {@link canonicalJson}: the same for equal content, whatever the order of its keys. */
export function digestOfJson(value: unknown): Buffer {
  return sha256(canonicalJson(value));
}
