import { randomUUID } from 'node:crypto';
import { createServer, type ServerError, Status } from 'nice-grpc';
import { ErrorInfo, errorDetailsServerMiddleware, RichServerError } from 'nice-grpc-error-details';
import { canonicalJson, sha256 } from '@chain-processor/canonical-json';
import {
  Durability,
  EventDetail,
  OnError,
  Plan,
  StrategyServiceDefinition,
  type NodePolicy,
  type PlanNode,
} from '@chain-processor/proto/catalog';
import { durationFromMs } from '@chain-processor/proto/duration';

/** One position of a strategy that a {@link FakeCatalog} holds. */
export interface FakeStep {
  /** The key of a builtin node, or code. */
  readonly builtin?: string;
  readonly typescript?: string;
  readonly name?: string;
  readonly ownerId?: string;
  readonly config?: Record<string, unknown>;
  readonly timeoutMs?: number;
  readonly maxAttempts?: number;
  readonly onError?: OnError;
  readonly fallbackText?: string;
}

/** Catalog as the execution service sees it: a real gRPC server that answers ResolveStrategy. */
export interface FakeCatalog {
  readonly target: string;
  /** How often it was asked. */
  readonly resolveCount: number;
  /** Makes a strategy and answers its id. */
  addStrategy(
    steps: readonly FakeStep[],
    options?: { eventDetail?: EventDetail; durability?: Durability },
  ): string;
  /** A refusal for every question about this strategy, such as catalog gives for one without nodes. */
  refuse(strategyId: string, code: Status, reason: string): void;
  stop(): Promise<void>;
}

/** Starts it on a free port of loopback. */
export async function startFakeCatalog(): Promise<FakeCatalog> {
  const plans = new Map<string, Plan>();
  const refusals = new Map<string, ServerError>();
  let resolveCount = 0;

  const { resolveStrategy } = StrategyServiceDefinition.methods;
  const server = createServer().use(errorDetailsServerMiddleware);
  server.add(
    { ...StrategyServiceDefinition, methods: { resolveStrategy } },
    {
      async resolveStrategy({ strategyId }: { strategyId: string }) {
        resolveCount += 1;
        const refusal = refusals.get(strategyId);
        if (refusal !== undefined) throw refusal;
        const plan = plans.get(strategyId);
        if (plan === undefined) throw refusalOf(Status.NOT_FOUND, 'STRATEGY_NOT_FOUND');
        return { plan, planDigest: sha256(canonicalJson(Plan.toJSON(plan))) };
      },
    },
  );
  const port = await server.listen('127.0.0.1:0');

  return {
    target: `127.0.0.1:${port}`,
    get resolveCount() {
      return resolveCount;
    },
    addStrategy(steps, { eventDetail = EventDetail.STEPS, durability = Durability.FLOW } = {}) {
      const strategyId = randomUUID();
      const ownerId = randomUUID();
      plans.set(strategyId, {
        strategyId,
        strategyRevision: 1,
        eventDetail,
        durability,
        nodes: steps.map((step, index) => planNode(step, index + 1, ownerId)),
      });
      return strategyId;
    },
    refuse(strategyId, code, reason) {
      refusals.set(strategyId, refusalOf(code, reason));
    },
    stop: async () => {
      server.forceShutdown();
    },
  };
}

function refusalOf(code: Status, reason: string): RichServerError {
  return new RichServerError(code, `catalog says ${reason}`, [
    ErrorInfo.fromPartial({ reason, domain: 'chainprocessor', metadata: {} }),
  ]);
}

function planNode(step: FakeStep, position: number, ownerId: string): PlanNode {
  const isBuiltin = step.builtin !== undefined;
  return {
    position,
    nodeId: randomUUID(),
    nodeRevision: 1,
    nodeName: step.name ?? step.builtin ?? `node ${position}`,
    ownerId: isBuiltin ? '' : (step.ownerId ?? ownerId),
    isBuiltin,
    language: isBuiltin ? '' : 'typescript',
    code: step.builtin ?? step.typescript ?? '',
    config: step.config,
    policy: policyOf(step),
  };
}

function policyOf({
  timeoutMs = 10_000,
  maxAttempts = 1,
  onError = OnError.FAIL,
  fallbackText = '',
}: FakeStep): NodePolicy {
  return {
    timeout: durationFromMs(timeoutMs),
    retry: {
      maxAttempts,
      initialBackoff: durationFromMs(1),
      maxBackoff: durationFromMs(1),
      multiplier: 1,
      jitter: 0,
    },
    onError,
    fallbackText,
  };
}
