export { BuiltinConfigInvalidError, BuiltinOutputTooLargeError } from './builtin-errors.js';
export { MAX_OUTPUT_BYTES, type BuiltinNode } from './builtin-node.js';
export { builtinNodes, findBuiltinNode } from './registry.js';
