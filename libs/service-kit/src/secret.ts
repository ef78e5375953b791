import { inspect } from 'node:util';

const MASK = '[secret]';

/** A value from configuration that prints as `[secret]` wherever it ends up: logs, JSON, templates, the debugger. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it where it is used and nowhere else. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
