// Header values by the NATS binding of CloudEvents 1.0, section 3.1.3.2:
// https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md

/** Everything but printable ASCII, and of that the double quote and the percent sign. The space is not "printable" here. */
const MUST_BE_ENCODED = /[^\x21\x23\x24\x26-\x7e]/gu;

/** Percent-encodes what a header may not hold, character by character in UTF-8. A lone surrogate becomes U+FFFD. */
export function encodeHeaderValue(value: string): string {
  return value.replace(MUST_BE_ENCODED, (character) =>
    [...Buffer.from(character, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/**
 * Undoes one round of encoding; a quoted string, as older producers wrote it, is unquoted first.
 *
 * @throws URIError for a stray percent sign and for bytes that are not UTF-8
 */
export function decodeHeaderValue(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return decodeURIComponent(isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value);
}
