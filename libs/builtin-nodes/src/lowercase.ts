import { z } from 'zod';
import { defineBuiltinNode } from './builtin-node.js';

/** Unicode's default lower case, the same in every locale. */
export const lowercase = defineBuiltinNode({
  key: 'lowercase',
  description: 'Makes every letter lower case, by the Unicode default mapping that no locale changes.',
  config: z.strictObject({}),
  run: (input) => input.toLowerCase(),
});
