import type { HostMessage } from './runner-message.js';
import type { SandboxNode } from './sandbox.js';

/** Code that one runner is asked to remember, in bytes of module URLs; a node's code has at most 256 KiB. */
const MAX_LOADED_BYTES = 16 * 1_048_576;

/** Names the code of a node: a revision never changes. */
export function codeIdOf(node: SandboxNode): string {
  return `${node.nodeId}@${node.nodeRevision}`;
}

/** Which code one runner has, so that each revision is sent once. The runner forgets only what it is told to. */
export class LoadedCode {
  readonly #maxBytes: number;
  /** Least recently used first. */
  readonly #sizes = new Map<string, number>();
  #totalBytes = 0;

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_LOADED_BYTES;
  }

  /** What to send before a trip over these nodes. Code of the trip itself is never unloaded, whatever its size. */
  prepare(nodes: readonly SandboxNode[]): HostMessage[] {
    const messages: HostMessage[] = [];
    const needed = new Set<string>();
    for (const node of nodes) {
      const codeId = codeIdOf(node);
      needed.add(codeId);
      const knownSize = this.#sizes.get(codeId);
      if (knownSize !== undefined) {
        this.#sizes.delete(codeId);
        this.#sizes.set(codeId, knownSize);
        continue;
      }
      const moduleUrl = moduleUrlOf(node);
      this.#sizes.set(codeId, moduleUrl.length);
      this.#totalBytes += moduleUrl.length;
      messages.push({ type: 'load', codeId, moduleUrl });
    }
    for (const [codeId, size] of this.#sizes) {
      if (this.#totalBytes <= this.#maxBytes) break;
      if (needed.has(codeId)) continue;
      this.#sizes.delete(codeId);
      this.#totalBytes -= size;
      messages.push({ type: 'unload', codeId });
    }
    return messages;
  }
}

/** User code travels as data and is loaded by a dynamic import: as a file it would be in the static graph, which may read. */
function moduleUrlOf({ language, code }: SandboxNode): string {
  return `data:application/${language};base64,${Buffer.from(code, 'utf8').toString('base64')}`;
}
