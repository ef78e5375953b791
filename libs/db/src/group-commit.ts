import { ConflictRetryError, DependencyUnavailableError } from '@chain-processor/errors';
import { sqlStateOf } from './sql-state.js';

const QUERY_CANCELED = '57014';

/**
 * Group commit: what is ready goes out together, and the next group gathers while the last one is on its way. It adapts by
 * itself: alone, an item waits for nothing; under load, a group grows to whatever arrived during one commit.
 *
 * 1. At most one commit is in flight, so items go out in the order in which they were submitted.
 * 2. An item that fails its group does not fail its neighbours (E8): the group is committed again in halves, until the
 *    culprit stands alone. Only a failure that is nobody's in particular, such as a database that is gone, fails the whole
 *    group.
 */
export interface GroupCommitOptions<Item, Result> {
  /** Commits the items in one transaction; one result per item, in order. All or nothing. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Most items in a group. */
  readonly maxItems: number;
  /** How much an item weighs, in bytes. Default 0. */
  readonly bytesOf?: (item: Item) => number;
  /** Most bytes in a group of more than one item. Default 8 MiB: a statement must stay far from its timeout. */
  readonly maxBytes?: number;
}

export interface GroupCommit<Item, Result> {
  /** Resolves with the item's result after its group is committed. */
  submit(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or in flight. */
  idle(): Promise<void>;
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<Item, Result>({
  commit,
  maxItems,
  bytesOf = () => 0,
  maxBytes = 8 * 1_048_576,
}: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const waiting: Entry<Item, Result>[] = [];
  let flushing: Promise<void> | undefined;

  async function commitGroup(group: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (group.length === 1 || isSharedFault(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      const middle = Math.ceil(group.length / 2);
      await commitGroup(group.slice(0, middle));
      await commitGroup(group.slice(middle));
    }
  }

  function nextGroup(): Entry<Item, Result>[] {
    let bytes = 0;
    const end = waiting.findIndex(({ item }, index) => {
      bytes += bytesOf(item);
      return index >= maxItems || (index > 0 && bytes > maxBytes);
    });
    return waiting.splice(0, end === -1 ? waiting.length : end);
  }

  async function flush(): Promise<void> {
    // One turn of the event loop, so that what becomes ready together goes out together.
    await new Promise(setImmediate);
    while (waiting.length > 0) await commitGroup(nextGroup());
    flushing = undefined;
  }

  return {
    submit(item) {
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        flushing ??= flush();
      });
    },
    async idle() {
      while (flushing !== undefined) await flushing;
    },
  };
}

/** A statement that ran too long may have done so because of the size of its group, so that one is halved. */
function isSharedFault(error: unknown): boolean {
  if (error instanceof ConflictRetryError) return true;
  return error instanceof DependencyUnavailableError && sqlStateOf(error) !== QUERY_CANCELED;
}
