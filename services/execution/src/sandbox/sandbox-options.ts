/** Receives what operators want to know; never user text. */
export type SandboxLog = (
  level: 'info' | 'warn',
  message: string,
  fields: Readonly<Record<string, string | number>>,
) => void;

/** Limits of a {@link SandboxPool}. */
export interface SandboxOptions {
  /** Most runner processes at a time, one per owner; each takes 60 to 100 MiB before user code runs. Default 8. */
  readonly maxRunners?: number;
  /** Trips that run in one process at a time; further ones of the owner wait in order. Default 4. */
  readonly maxTripsPerRunner?: number;
  /** Isolates that one process keeps, warm ones included; at least `maxTripsPerRunner`. Default 16. */
  readonly maxIsolatesPerRunner?: number;
  /** V8's limit for the old generation of one isolate, in MiB. The process dies where one isolate passes it. Default 64. */
  readonly heapMiB?: number;
  /** Most resident memory of one process, buffers and WebAssembly included, in MiB. Watched on Linux only. Default 512. */
  readonly maxResidentMiB?: number;
  /** Longest output of a node, in bytes of UTF-8. Default 1,048,576. */
  readonly maxOutputBytes?: number;
  /** How long a process may take to start, and to answer beyond a step's timeout, in milliseconds. Default 10,000. */
  readonly startTimeoutMs?: number;
  /**
   * How long a process that is to be replaced may go on with the trips in it, in milliseconds. Those that are not done by
   * then fail as crashed. Default 5,000.
   */
  readonly drainMs?: number;
  /** How long a busy process serves its owner before it must make room for an owner that waits, in milliseconds. Default 1,000. */
  readonly turnMs?: number;
  /** A writable folder for one private folder of this sandbox. Default the system's. */
  readonly temporaryFolder?: string;
  /** The Deno executable. Default the one of the `deno` package. */
  readonly denoBinary?: string;
  /** Default drops everything. */
  readonly log?: SandboxLog;
}
