/** What follows when the last attempt at a position has failed. */
export type OnError =
  | { readonly kind: 'fail' }
  /** The position's input goes on to the next one. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'fallback'; readonly text: string };

/** When a failed attempt is followed by another. */
export interface RetryPolicy {
  /** The first attempt included. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly multiplier: number;
  /** Share of each wait that is random, 0 to 1. */
  readonly jitter: number;
}

export type NodeLanguage = 'typescript' | 'javascript';

/** One position of a plan. */
export interface PlanNode {
  readonly position: number;
  readonly nodeId: string;
  readonly nodeRevision: number;
  readonly nodeName: string;
  readonly source:
    | { readonly kind: 'builtin'; readonly key: string }
    | {
        readonly kind: 'code';
        readonly ownerId: string;
        readonly language: NodeLanguage;
        readonly code: string;
      };
  readonly config: Readonly<Record<string, unknown>>;
  /** Longest wall time of one attempt. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly onError: OnError;
}

/** All that is needed to run one revision of a strategy. */
export interface Plan {
  readonly strategyId: string;
  readonly strategyRevision: number;
  /** Whether each finished step is an event of its own. */
  readonly hasStepEvents: boolean;
  /** Whether each step is committed before the next begins. */
  readonly commitsEachStep: boolean;
  /** Positions 1 to n. */
  readonly nodes: readonly PlanNode[];
}

/** A plan as it is stored and addressed. */
export interface PlanContent {
  /** SHA-256 of the content. */
  readonly digest: Buffer;
  /** The plan as canonical JSON (RFC 8785). */
  readonly content: string;
}

/** A plan that an execution can be pinned to. */
export interface StoredPlan {
  readonly digest: Buffer;
  readonly plan: Plan;
}
