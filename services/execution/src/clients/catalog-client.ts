import { ClientError, createChannel, createClientFactory, Metadata, Status } from 'nice-grpc';
import { ErrorInfo, RichClientError, errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { canonicalJson, sha256 } from '@chain-processor/canonical-json';
import {
  AppError,
  DependencyUnavailableError,
  invariant,
  reasonOf,
  type ErrorReason,
} from '@chain-processor/errors';
import { Plan, StrategyServiceDefinition } from '@chain-processor/proto/catalog';
import type { PlanContent } from '../domain/plan.js';

/** Two queries at catalog; a longer wait means that it is in trouble, and a known plan is better than waiting. */
const RESOLVE_TIMEOUT_MS = 3_000;

/** Catalog is not there, too slow, or has too much to do. */
const UNAVAILABLE_CODES: ReadonlySet<Status> = new Set([
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.CANCELLED,
  Status.RESOURCE_EXHAUSTED,
]);

/** Says about the caller's request what catalog said about it. */
export class CatalogRefusalError extends AppError {
  constructor(
    readonly code: Status,
    readonly reason: ErrorReason,
    message: string,
    metadata: Readonly<Record<string, string>>,
    cause: unknown,
  ) {
    super(message, { metadata, cause });
  }

  /** Whether another caller might get another answer. */
  get isAboutCaller(): boolean {
    return this.code === Status.UNAUTHENTICATED || this.code === Status.PERMISSION_DENIED;
  }
}

export interface CatalogClient {
  /**
   * Asks for the plan of a strategy on the caller's behalf.
   *
   * @throws CatalogRefusalError with what catalog answers about the strategy; DependencyUnavailableError when it does not answer.
   */
  resolveStrategy(request: {
    readonly strategyId: string;
    readonly strategyRevision?: number | undefined;
    readonly accessToken: string;
  }): Promise<PlanContent>;
  close(): void;
}

/** Connects lazily, so it does not fail when catalog is down. */
export function connectCatalog({ target }: { target: string }): CatalogClient {
  const channel = createChannel(target, undefined, {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    'grpc.enable_channelz': 0,
  });
  const strategies = createClientFactory()
    .use(errorDetailsClientMiddleware)
    .create(StrategyServiceDefinition, channel);

  return {
    async resolveStrategy({ strategyId, strategyRevision, accessToken }) {
      try {
        const { plan, planDigest } = await strategies.resolveStrategy(
          { strategyId, ...(strategyRevision === undefined ? {} : { revision: strategyRevision }) },
          {
            metadata: Metadata({ authorization: `Bearer ${accessToken}` }),
            signal: AbortSignal.timeout(RESOLVE_TIMEOUT_MS),
          },
        );
        invariant(plan, 'catalog answered ResolveStrategy without a plan');
        const content = canonicalJson(Plan.toJSON(plan));
        const digest = sha256(content);
        invariant(
          digest.equals(planDigest),
          `catalog and execution differ on the digest of strategy ${strategyId}`,
        );
        return { digest, content };
      } catch (error) {
        throw toAppError(error);
      }
    },
    close: () => channel.close(),
  };
}

function toAppError(error: unknown): unknown {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new DependencyUnavailableError('catalog', error);
  if (!(error instanceof ClientError)) return error;
  if (UNAVAILABLE_CODES.has(error.code)) {
    return new DependencyUnavailableError('catalog', error);
  }
  const details = error instanceof RichClientError ? error.extra : [];
  const info = details.find((detail): detail is ErrorInfo => detail.$type === ErrorInfo.$type);
  const reason = reasonOf(info?.reason ?? '');
  if (info === undefined || reason === undefined) return error;
  return new CatalogRefusalError(error.code, reason, error.details, info.metadata, error);
}
