import { z } from 'zod';
import { BuiltinConfigInvalidError, BuiltinOutputTooLargeError } from './builtin-errors.js';

/** The longest output of a builtin node, in bytes of UTF-8; the longest text that an execution takes. */
export const MAX_OUTPUT_BYTES = 1_048_576;

/**
 * A node that ships with the system and runs inside the worker, without a sandbox. The catalog seeds its description, the
 * execution service runs it; both take it from here.
 *
 * The contract that every builtin obeys, and that one shared suite checks: `run` is pure and deterministic, takes any text
 * (also empty) to a text of at most {@link MAX_OUTPUT_BYTES}, needs time and memory linear in the two (a step cannot be interrupted), and throws nothing but
 * {@link BuiltinConfigInvalidError} and {@link BuiltinOutputTooLargeError}.
 */
export interface BuiltinNode {
  /** Stable name, lower snake_case; it stands in the node's `code` and must never change its meaning. */
  readonly key: string;
  /** One sentence for people who choose a node. */
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the config it takes. */
  readonly configSchema: Readonly<Record<string, unknown>>;
  /**
   * @param input the text so far.
   * @param config the position's config, checked here once more.
   * @throws BuiltinConfigInvalidError when the config does not fit the schema; BuiltinOutputTooLargeError.
   */
  run(input: string, config: unknown): string;
}

/** Makes a builtin from its zod schema, which also becomes the published JSON Schema. */
export function defineBuiltinNode<Config extends z.ZodType>(definition: {
  readonly key: string;
  readonly description: string;
  readonly config: Config;
  /** Undefined says that the output would be longer than {@link MAX_OUTPUT_BYTES}, where it is known before it is built. */
  readonly run: (input: string, config: z.output<Config>) => string | undefined;
}): BuiltinNode {
  const { key, description, config: schema, run } = definition;
  return {
    key,
    description,
    configSchema: z.toJSONSchema(schema, { io: 'input' }),
    run(input, config) {
      const parsed = schema.safeParse(config);
      if (!parsed.success) {
        throw new BuiltinConfigInvalidError(
          key,
          parsed.error.issues.map((issue) => ({
            field: ['config', ...issue.path].join('.'),
            description: issue.message,
          })),
        );
      }
      const output = run(input, parsed.data);
      if (output === undefined || Buffer.byteLength(output, 'utf8') > MAX_OUTPUT_BYTES) {
        throw new BuiltinOutputTooLargeError(key, MAX_OUTPUT_BYTES);
      }
      return output;
    },
  };
}
