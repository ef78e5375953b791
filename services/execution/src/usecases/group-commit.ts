/**
 * Group commit: what is ready goes out together, and the next group gathers while the last one is on its way. It adapts by
 * itself: alone, an item waits for nothing; under load, a group grows to whatever arrived during one commit.
 *
 * 1. At most one commit is in flight, so items go out in the order in which they were submitted.
 * 2. An item that fails its group does not fail its neighbours (E8): the group is committed again in halves, until the
 *    culprit stands alone. Only failures that halving can cure are treated so; `isSharedFault` tells the others, such as a
 *    database that is gone, which fail the whole group.
 */
export interface GroupCommitOptions<Item, Result> {
  /** Commits the items in one transaction; one result per item, in order. All or nothing. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether a failure is nobody's in particular. */
  readonly isSharedFault: (error: unknown) => boolean;
  /** Largest group. */
  readonly maxItems: number;
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
  isSharedFault,
  maxItems,
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

  async function flush(): Promise<void> {
    // One turn of the event loop, so that what becomes ready together goes out together.
    await new Promise(setImmediate);
    while (waiting.length > 0) await commitGroup(waiting.splice(0, maxItems));
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
