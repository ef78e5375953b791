import { z } from 'zod';
import { defineBuiltinNode } from './builtin-node.js';

/** Literal replacement; for patterns there is another node. */
export const replaceText = defineBuiltinNode({
  key: 'replace_text',
  description: 'Replaces every occurrence of one text by another, literally and from left to right.',
  config: z.strictObject({
    search: z.string().min(1).max(10_000).describe('What to look for, compared code unit by code unit.'),
    replacement: z
      .string()
      .max(10_000)
      .default('')
      .describe('What to put in its place; `$` has no special meaning.'),
  }),
  // A function as replacement, because `$&` and its kin in a replacement text would be expanded.
  run: (input, { search, replacement }) => input.replaceAll(search, () => replacement),
});
