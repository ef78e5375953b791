/** The longest text that an execution takes in or a step gives out, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 1_048_576;

/**
 * Why a text cannot be stored, or undefined when it can. PostgreSQL's text takes no NUL and no lone surrogates, and one such
 * text in a batch would fail its neighbours (E8), so it is refused before it gets there.
 */
export function textFault(text: string, maxBytes = MAX_TEXT_BYTES): string | undefined {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxBytes) return `has ${bytes} bytes of UTF-8 and at most ${maxBytes} are allowed`;
  if (text.includes('\0')) return 'contains the character U+0000, which cannot be stored; remove it';
  if (!text.isWellFormed())
    return 'contains a lone surrogate, which is not valid Unicode; encode the text as UTF-8';
  return undefined;
}
