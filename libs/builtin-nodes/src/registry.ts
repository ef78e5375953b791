import type { BuiltinNode } from './builtin-node.js';
import { lowercase } from './lowercase.js';
import { replaceText } from './replace-text.js';

/** Every builtin node. A new one is one file and one line here. */
export const builtinNodes: readonly BuiltinNode[] = [lowercase, replaceText];

const byKey = new Map(builtinNodes.map((node) => [node.key, node]));

/** The builtin node of that key, or undefined. */
export function findBuiltinNode(key: string): BuiltinNode | undefined {
  return byKey.get(key);
}
