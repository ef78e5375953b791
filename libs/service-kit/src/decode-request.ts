import type { z } from 'zod';
import { FieldInvalidError, type FieldViolation } from '@chain-processor/errors';

/** A request that was held against its schema. */
export type CheckedRequest<Value> =
  | { readonly isValid: true; readonly value: Value }
  | { readonly isValid: false; readonly violations: readonly FieldViolation[] };

/**
 * Holds a decoded request against a schema of the same shape and reports all violations, with field paths in proto spelling
 * (`user.full_name`, `nodes[2].config`). For a codec that adds violations of its own; others use {@link decodeRequest}.
 *
 * @param schema keyed like the generated message; what it transforms to is what the use case gets.
 */
export function checkRequest<Schema extends z.ZodType>(
  schema: Schema,
  request: unknown,
): CheckedRequest<z.output<Schema>> {
  const result = schema.safeParse(request);
  if (result.success) return { isValid: true, value: result.data };
  return {
    isValid: false,
    violations: result.error.issues.map((issue) => ({
      field: protoPath(issue.path),
      description: issue.message,
    })),
  };
}

/**
 * What a use case takes, from a request as it came over the wire.
 *
 * @throws FieldInvalidError with all violations at once.
 */
export function decodeRequest<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  const checked = checkRequest(schema, request);
  if (!checked.isValid) throw new FieldInvalidError(checked.violations);
  return checked.value;
}

/** Names come in the generated code's camelCase; keys of maps and Structs must not be part of the path. */
function protoPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((joined, step) => {
    if (typeof step === 'number') return `${joined}[${step}]`;
    const name = String(step).replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return joined === '' ? name : `${joined}.${name}`;
  }, '');
}
