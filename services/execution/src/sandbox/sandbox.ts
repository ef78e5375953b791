/** Why a step of user code failed; each is the name of a value of `chainprocessor.errors.v1.ErrorReason`. */
export type NodeFailureReason =
  | 'NODE_TIMEOUT'
  | 'NODE_OUT_OF_MEMORY'
  | 'NODE_OUTPUT_TOO_LARGE'
  | 'NODE_THREW'
  | 'NODE_BAD_OUTPUT'
  | 'NODE_CRASHED';

/** How one step ended. A fault of user code is a value here and never an exception. */
export type NodeOutcome =
  | {
      readonly kind: 'success';
      /** Well-formed text without NUL, within the output limit. */
      readonly outputText: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'failure';
      readonly reason: NodeFailureReason;
      /** For people: storable text of at most 8 KiB that names no path of the host. */
      readonly message: string;
      /** Whether another attempt is useless: the author threw a `TerminalError`, or the result can only be the same. */
      readonly isTerminal: boolean;
      readonly durationMs: number;
    };

export type NodeLanguage = 'typescript' | 'javascript';

/** One node of a trip. */
export interface SandboxNode {
  readonly nodeId: string;
  /** A node's revision never changes its code; isolates are kept warm under (nodeId, nodeRevision). */
  readonly nodeRevision: number;
  readonly language: NodeLanguage;
  /** An ES module whose default export is `(input, ctx) => string | Promise<string>`. */
  readonly code: string;
  /** JSON; the code sees it as `ctx.config`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** JSON; the code sees it as `ctx.metadata`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly position: number;
  readonly attempt: number;
  /** Wall time for loading and running the code, in milliseconds. */
  readonly timeoutMs: number;
}

/** A trip: consecutive nodes of one owner, where the output of one is the input of the next. */
export interface SandboxRequest {
  readonly ownerId: string;
  readonly executionId: string;
  readonly input: string;
  /** At least one. */
  readonly nodes: readonly SandboxNode[];
  /** Aborting gives the running code a moment to see `ctx.signal`, then ends it; `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as each node ends, before the trip does; `index` counts from 0 within `nodes`. What it throws ends the trip. */
  readonly onStepFinished?: (index: number, outcome: NodeOutcome) => void;
}

/** Runs user code where it can reach nothing but its input. */
export interface Sandbox {
  /**
   * Runs the nodes in order and stops at the first failure, so the result has between one and `nodes.length` outcomes and
   * only the last can be a failure. Code may have run, wholly or partly, without an outcome to show for it (E6).
   *
   * @throws SandboxUnavailableError when there is no process to run in; no code has run then, or its outcome is lost.
   * @throws the reason of `request.signal` when it aborts.
   */
  run(request: SandboxRequest): Promise<NodeOutcome[]>;
  /** Starts a process for this owner if there is none, so that the next run need not wait for it. */
  warm(ownerId: string): Promise<void>;
  /** Ends every process; runs in progress reject with SandboxUnavailableError. Safe to call more than once. */
  close(): Promise<void>;
}
