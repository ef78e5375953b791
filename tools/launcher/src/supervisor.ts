import type { ProcessFailedError } from '@chain-processor/local-stack';
import { describeDeath, forceEnd, type Component } from './component.js';

/** The processes of a stack, in the order in which they were started. */
export interface Supervisor {
  /** Takes over a process that is up. One of the same name that has ended is replaced. */
  add(component: Component): void;
  /** Resolves when a process ends that nobody stopped. */
  readonly failed: Promise<ProcessFailedError>;
  /** Kills a process as a crash would and waits for its end; that does not count as a failure. */
  crash(name: string): Promise<void>;
  /** Stops everything, the last one first, each within its own bound. */
  stopAll(): Promise<void>;
  /** Ends everything at once. */
  forceAll(): void;
}

/** Makes an empty {@link Supervisor}. */
export function createSupervisor(): Supervisor {
  const components = new Map<string, Component>();
  const expectedToEnd = new Set<Component>();
  let reportFailure: (error: ProcessFailedError) => void = () => undefined;
  const failed = new Promise<ProcessFailedError>((resolve) => {
    reportFailure = resolve;
  });
  const lastFirst = (): Component[] => [...components.values()].reverse();

  async function watch(component: Component): Promise<void> {
    const status = await component.exited;
    if (!expectedToEnd.has(component)) reportFailure(await describeDeath(component, status));
  }

  return {
    failed,
    add(component) {
      components.set(component.name, component);
      void watch(component);
    },
    async crash(name) {
      const component = components.get(name);
      if (component === undefined) throw new Error(`there is no process ${name}`);
      expectedToEnd.add(component);
      forceEnd(component);
      await component.exited;
    },
    async stopAll() {
      for (const component of components.values()) expectedToEnd.add(component);
      const failures: unknown[] = [];
      for (const component of lastFirst()) {
        // One that does not stop must not keep the others running.
        await component.stop().catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0)
        throw new AggregateError(failures, `${failures.length} process(es) did not stop as they should`);
    },
    forceAll() {
      for (const component of components.values()) expectedToEnd.add(component);
      for (const component of lastFirst()) forceEnd(component);
    },
  };
}
