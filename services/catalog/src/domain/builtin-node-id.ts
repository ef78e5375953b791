import { v5 } from 'uuid';

/** Fixed for ever: every installation has the same id for the same builtin node. */
const BUILTIN_NODE_NAMESPACE = '5edffcbe-16b9-4d65-91a9-c561b96f9b0b';

/** The id of the builtin node of that key, the same in every installation. */
export function builtinNodeId(key: string): string {
  return v5(key, BUILTIN_NODE_NAMESPACE);
}
