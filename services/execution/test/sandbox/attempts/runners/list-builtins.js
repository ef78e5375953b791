// Prints the builtin modules that this Deno knows.
import { builtinModules } from 'node:module';

console.log(builtinModules.join('\n'));
