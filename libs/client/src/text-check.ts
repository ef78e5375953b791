import type { FieldViolation } from '@chain-processor/errors';

/**
 * Finds the texts of a request that cannot be sent as they are. A lone surrogate has no UTF-8: the encoder would put U+FFFD in
 * its place without a word, and the service would process another text than the caller's. The service refuses U+0000.
 * Fields are named as the caller wrote them: `strategy.nodes[2].config.pattern`.
 */
export function findBrokenTexts(message: unknown, path = ''): FieldViolation[] {
  if (typeof message === 'string') return describeFault(message, path);
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return [];
  if (Array.isArray(message))
    return message.flatMap((item, index) => findBrokenTexts(item, `${path}[${index}]`));
  return Object.entries(message).flatMap(([key, value]) => {
    const field = path === '' ? key : `${path}.${key}`;
    return [...describeFault(key, field), ...findBrokenTexts(value, field)];
  });
}

function describeFault(text: string, field: string): FieldViolation[] {
  if (!text.isWellFormed()) {
    return [
      { field, description: 'contains a lone surrogate, which is not valid Unicode; repair or remove it' },
    ];
  }
  return text.includes('\0')
    ? [{ field, description: 'contains the character U+0000, which cannot be stored; remove it' }]
    : [];
}
