import type { Logger } from './logger.js';

/** What start-up acquired, closed in reverse order. */
export class CloserStack {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  readonly #logger: Logger;
  #closing: Promise<void> | undefined;

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  /** Registers how to give up the thing that was just acquired. */
  push(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything once, newest first. A closer that fails is logged and does not keep the others from closing. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer.close();
      } catch (error) {
        this.#logger.error({ err: error, resource: closer.name }, 'closing failed');
      }
    }
  }
}
