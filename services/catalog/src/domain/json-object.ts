/** A JSON object as a caller sent it: no reader may take anything about its content for granted. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The largest metadata of a node or strategy, and the largest config of a position, in bytes as JSON. */
export const MAX_JSON_BYTES = 16_384;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What keeps an object from being stored as JSON and read back as the same: its size, or something that a Struct can hold
 * and `jsonb` cannot. Undefined when nothing does.
 */
export function jsonFault(value: JsonObject, maxBytes: number): string | undefined {
  const fault = valueFault(value);
  if (fault !== undefined) return fault;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes <= maxBytes ? undefined : `must have at most ${maxBytes} bytes as JSON, and has ${bytes}`;
}

function valueFault(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.includes('\0') ? 'must not contain the character U+0000' : undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : 'must not contain NaN or infinite numbers';
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : membersFault(value);
    default:
      return 'must not contain values of no kind; say null if that is meant';
  }
}

function membersFault(container: object): string | undefined {
  for (const [key, member] of Object.entries(container)) {
    const fault = valueFault(key) ?? valueFault(member);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
