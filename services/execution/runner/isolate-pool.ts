import { Isolate } from './isolate.ts';

export interface IsolatePoolOptions {
  readonly maxIsolates: number;
  readonly maxOutputBytes: number;
}

/**
 * The isolates of this process, warm under the id of their code. The host runs fewer trips at a time than there may be
 * isolates, and a trip uses one at a time, so when all are open one of them is idle.
 */
export class IsolatePool {
  readonly #options: IsolatePoolOptions;
  readonly #moduleUrls = new Map<string, string>();
  /** Least recently used first. */
  readonly #idle = new Set<Isolate>();
  #openCount = 0;

  constructor(options: IsolatePoolOptions) {
    this.#options = options;
  }

  load(codeId: string, moduleUrl: string): void {
    this.#moduleUrls.set(codeId, moduleUrl);
  }

  unload(codeId: string): void {
    this.#moduleUrls.delete(codeId);
    for (const isolate of this.#idle) if (isolate.codeId === codeId) this.#close(isolate);
  }

  moduleUrlOf(codeId: string): string {
    const moduleUrl = this.#moduleUrls.get(codeId);
    if (moduleUrl === undefined) throw new TypeError('a trip names code that was not loaded');
    return moduleUrl;
  }

  /** A warm isolate of this code, or a new one, in place of the least recently used one if there is no room. */
  async acquire(codeId: string, moduleUrl: string): Promise<Isolate> {
    for (const isolate of this.#idle) {
      if (isolate.codeId !== codeId) continue;
      this.#idle.delete(isolate);
      if (isolate.isUsable) return isolate;
      // It died between two steps, of an error in a timer for example.
      this.#close(isolate);
    }
    if (this.#openCount >= this.#options.maxIsolates) {
      for (const oldest of this.#idle) {
        this.#close(oldest);
        break;
      }
    }
    this.#openCount += 1;
    return await Isolate.open({ codeId, moduleUrl, maxOutputBytes: this.#options.maxOutputBytes });
  }

  /** Takes an isolate back; it stays warm if it can be used again. */
  release(isolate: Isolate): void {
    if (isolate.isUsable && this.#moduleUrls.has(isolate.codeId)) this.#idle.add(isolate);
    else this.#close(isolate);
  }

  #close(isolate: Isolate): void {
    this.#idle.delete(isolate);
    this.#openCount -= 1;
    isolate.close();
  }
}
