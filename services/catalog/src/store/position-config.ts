import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../domain/json-object.js';
import { onErrorKinds, type GivenPolicy } from '../domain/policy.js';
import { POLICY_KEY, type PositionDraft } from '../domain/strategy.js';

const policySchema = z.strictObject({
  timeoutMs: z.int().optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().optional(),
      initialBackoffMs: z.int().optional(),
      maxBackoffMs: z.int().optional(),
      multiplier: z.number().optional(),
      jitter: z.number().optional(),
    })
    .optional(),
  onError: z.enum(onErrorKinds),
  fallbackText: z.string(),
});

/** The column `strategy_nodes.config`: the node's config, and beside it the engine's settings under one reserved key. */
export function toConfigColumn({ config, policy }: PositionDraft): JsonObject {
  return policy === undefined ? config : { ...config, [POLICY_KEY]: policy };
}

/** @throws ZodError when the column holds what this release did not write. */
export function fromConfigColumn(column: unknown): {
  readonly config: JsonObject;
  readonly policy: GivenPolicy | undefined;
} {
  const { [POLICY_KEY]: policy, ...config } = z.custom<JsonObject>(isJsonObject).parse(column);
  return { config, policy: policy === undefined ? undefined : policySchema.parse(policy) };
}
