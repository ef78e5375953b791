import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folders that one sandbox needs, all inside one private folder that goes when it closes. Calls are synchronous: they
 * happen once per process, beside a spawn that costs a hundred times as much.
 */
export class SandboxFolders {
  readonly #root: string;
  #nextCache = 1;

  /** @param parent a writable folder. */
  static create(parent: string): SandboxFolders {
    // mkdtemp makes it readable for this user only.
    const folders = new SandboxFolders(mkdtempSync(join(parent, 'chain-processor-sandbox-')));
    mkdirSync(folders.work);
    chmodSync(folders.work, 0o555);
    return folders;
  }

  private constructor(root: string) {
    this.#root = root;
  }

  /** Empty and not writable; every runner works there. */
  get work(): string {
    return join(this.#root, 'work');
  }

  /**
   * A folder for one runner's caches. Deno keeps transpiled user code there, so no two owners may share one. Without any
   * folder (`DENO_DIR=/dev/null/x`) Deno retries its first write for 150 ms.
   */
  createCache(): string {
    const cache = join(this.#root, `cache-${this.#nextCache++}`);
    mkdirSync(cache);
    return cache;
  }

  removeCache(cache: string): void {
    rmSync(cache, { recursive: true, force: true, maxRetries: 3 });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }
}
