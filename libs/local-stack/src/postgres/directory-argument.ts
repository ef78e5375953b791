import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { canReach, type PostgresAccount } from './postgres-account.js';

/** The first descriptor after standard input, output and error. */
const FIRST_EXTRA_DESCRIPTOR = 3;

/** How a PostgreSQL program is told its data directory. */
export interface DirectoryArgument {
  /** The value of `-D`. */
  readonly path: string;
  /** Descriptors that the program must inherit for the path to mean anything. */
  readonly descriptors: readonly number[];
  /** Gives up this process's copies. */
  close(): Promise<void>;
}

/**
 * Names the data directory so that `account` can open it.
 *
 * When root starts the stack in a checkout below /root, PostgreSQL's user owns the data directory but may not walk to it. Root
 * then opens the directory and hands it over as an open file: /proc/self/fd/3 leads to it without a look at its parents. The
 * alternatives are worse: opening /root to everybody, keeping the data somewhere else than told, or giving PostgreSQL the
 * capability to read every file. All processes of the server are forks of the first, so all of them have the descriptor.
 */
export async function nameDirectoryFor({
  account,
  directory,
}: {
  readonly account: PostgresAccount | undefined;
  readonly directory: string;
}): Promise<DirectoryArgument> {
  if (account === undefined || (await canReach(account, directory))) {
    return { path: directory, descriptors: [], close: async () => undefined };
  }
  if (process.platform !== 'linux') {
    throw new Error(
      `The user with id ${account.uid}, which PostgreSQL runs as, cannot enter ${directory}. ` +
        'Move the checkout to a folder that every user may enter, or start as an ordinary user.',
    );
  }
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    path: `/proc/self/fd/${FIRST_EXTRA_DESCRIPTOR}`,
    descriptors: [handle.fd],
    close: () => handle.close(),
  };
}
