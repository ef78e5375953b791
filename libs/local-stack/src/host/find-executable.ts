import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The first executable file of that name in `folders`, as an absolute path; undefined when there is none. */
export async function findExecutable({
  name,
  folders,
}: {
  readonly name: string;
  readonly folders: readonly string[];
}): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** Whether `path` is a file that this process may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Missing, unreadable or not executable: for a search these are one answer.
    return false;
  }
}
