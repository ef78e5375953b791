import { z } from 'zod';
import { defineBuiltinNode, MAX_OUTPUT_BYTES } from './builtin-node.js';

/** Literal replacement; for patterns there is another node. */
export const replaceText = defineBuiltinNode({
  key: 'replace_text',
  description: 'Replaces every occurrence of one text by another, literally and from left to right.',
  config: z.strictObject({
    search: z.string().min(1).max(256).describe('What to look for, compared code unit by code unit.'),
    replacement: z
      .string()
      .max(10_000)
      .default('')
      .describe('What to put in its place; `$` has no special meaning.'),
  }),
  run(input, { search, replacement }) {
    const parts = input.split(search);
    // A code unit is at least one byte, so this never refuses what fits; a megabyte could become ten gigabytes here.
    const length = input.length + (parts.length - 1) * (replacement.length - search.length);
    return length > MAX_OUTPUT_BYTES ? undefined : parts.join(replacement);
  },
});
