import { z } from 'zod';
import { text } from '@chain-processor/service-kit';
import { MAX_JSON_BYTES, isJsonObject, jsonFault, type JsonObject } from '../domain/json-object.js';

const MAX_TAGS = 32;
const MAX_TAG_LENGTH = 64;

/** Display name of a node or strategy. */
export const name = () => text({ minLength: 1, maxLength: 255 });

export const description = () => text({ minLength: 0, maxLength: 4_000 });

/** At most 32 tags without duplicates. Their number is checked first: each one that is wrong costs a violation. */
export const tags = () =>
  z
    .array(z.unknown())
    .max(MAX_TAGS, { error: `must be at most ${MAX_TAGS}`, abort: true })
    .pipe(
      z.array(text({ minLength: 1, maxLength: MAX_TAG_LENGTH })).superRefine((values, context) => {
        if (new Set(values).size < values.length) context.addIssue('must not name a tag twice');
      }),
    );

/** A Struct that can be stored as JSON and read back as the same. Absent means an empty one. */
export const jsonObject = (options: { readonly reservedPrefix?: string } = {}) =>
  z.unknown().transform((value, context): JsonObject => {
    const object = value ?? {};
    if (!isJsonObject(object)) {
      context.addIssue('must be a JSON object');
      return {};
    }
    const fault = jsonFault(object, MAX_JSON_BYTES);
    if (fault !== undefined) context.addIssue(fault);
    const { reservedPrefix: prefix } = options;
    if (prefix !== undefined && Object.keys(object).some((key) => key.startsWith(prefix))) {
      context.addIssue(`must not have keys that begin with ${prefix}, which are reserved`);
    }
    return object;
  });
