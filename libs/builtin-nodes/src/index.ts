export { BuiltinConfigInvalidError } from './builtin-errors.js';
export type { BuiltinNode } from './builtin-node.js';
export { builtinNodes, findBuiltinNode } from './registry.js';
