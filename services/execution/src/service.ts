import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import { connectIdentityKeys, createTokenVerifier } from '@chain-processor/auth';
import { createDatabase, expectSchemaVersion, type Database } from '@chain-processor/db';
import {
  connectNats,
  consumeDispatch,
  createDispatchPublisher,
  createOutboxRelay,
  createStreamSupervisor,
  createTransitionNotifier,
  streamDeclarations,
  type NatsLink,
} from '@chain-processor/events';
import {
  auditService,
  startService,
  type CloserStack,
  type Logger,
  type RunningService,
} from '@chain-processor/service-kit';
import { connectCatalog } from './clients/catalog-client.js';
import type { ExecutionConfig } from './config.js';
import { createHeartbeat } from './engine/heartbeat.js';
import { createPlanCache } from './engine/plan-cache.js';
import { createWorker } from './engine/worker.js';
import { SandboxPool } from './sandbox/sandbox-pool.js';
import { createExecutionStore } from './store/execution-store.js';
import { ChainExecutionModel } from './store/models/chain-execution-model.js';
import { NodeExecutionModel } from './store/models/node-execution-model.js';
import { createNodeExecutionStore } from './store/node-execution-store.js';
import { createOutboxStore } from './store/outbox-store.js';
import { createPlanStore, type PlanStore } from './store/plan-store.js';
import { SCHEMA_VERSION } from './store/schema-version.js';
import { createWorkerStore } from './store/worker-store.js';
import { executionService } from './transport/execution-service.js';
import { createClaimExecutions, type ClaimExecutionsDependencies } from './usecases/claim-executions.js';
import { createPlanResolver } from './usecases/resolve-plan.js';
import { createSettleExecutions, type SettleExecutionsDependencies } from './usecases/settle-executions.js';
import { createStartExecution } from './usecases/start-execution.js';

export interface StartExecutionServiceOptions {
  readonly config: ExecutionConfig;
  readonly logger: Logger;
}

/**
 * Starts execution in this process, in the role that the configuration says. Rejects when the database cannot be reached or
 * lacks migrations; NATS, identity and catalog may be down.
 */
export async function startExecutionService({
  config,
  logger,
}: StartExecutionServiceOptions): Promise<RunningService> {
  return startService({
    config,
    logger,
    compose: async (closers) => {
      const database = openDatabase(config, logger);
      closers.push('database', () => database.close());
      await expectSchemaVersion(database, SCHEMA_VERSION);

      const nats = await openNats(config, logger);
      closers.push('nats', () => nats.close());
      const streams = createStreamSupervisor({ nats, declarations: streamDeclarations(), log: logger });
      closers.push('stream supervisor', () => streams.close());
      const onStreamMissing = () => streams.requestCheck();
      const relay = createOutboxRelay({ database, nats, log: logger, onStreamMissing });
      streams.onCreated(() => relay.notify());
      closers.push('outbox relay', () => relay.close());
      const dispatch = createDispatchPublisher({ nats, log: logger, newId, onStreamMissing });
      const notifier = createTransitionNotifier({ nats, log: logger, newId });
      closers.push('transition notifier', () => notifier.close());

      const now = () => new Date();
      const nodeExecutions = createNodeExecutionStore({ database });
      const stores = {
        executions: createExecutionStore({ database, nodeExecutions }),
        nodeExecutions,
        outbox: createOutboxStore({ database, newId }),
        plans: createPlanStore({ database }),
      };
      const writing = { database, ...stores, relay, notifier, now };

      const catalog = connectCatalog({ target: config.CATALOG_TARGET });
      closers.push('catalog client', () => catalog.close());
      const keys = connectIdentityKeys({
        target: config.IDENTITY_TARGET,
        onFetchFailed: (error) =>
          logger.warn({ err: error }, 'identity cannot be reached, using the keys that are known'),
      });
      closers.push('identity client', () => keys.close());
      const verifier = createTokenVerifier({
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
        getKey: keys.getKey,
      });

      const start = createStartExecution({ ...writing, dispatch });
      closers.push('starts', () => start.idle());
      const planResolver = createPlanResolver({
        plans: stores.plans,
        catalog,
        freshMs: config.PLAN_FRESH_MS,
        maxCached: config.PLAN_CACHE_MAX,
        log: logger,
      });
      const worker =
        config.EXECUTION_ROLE === 'api'
          ? undefined
          : composeWorker({ config, logger, nats, onStreamMissing, writing }, closers);
      const service = executionService({ ...stores, notifier, planResolver, startExecution: start, newId });

      return {
        verifier,
        services: config.EXECUTION_ROLE === 'worker' ? [] : [service, auditService()],
        readinessChecks: [
          { name: 'database', check: () => database.ping() },
          { name: 'schema', check: () => expectSchemaVersion(database, SCHEMA_VERSION) },
        ],
        ...(worker === undefined
          ? {}
          : { onListening: () => worker.start(), onStopping: (graceMs: number) => worker.stop(graceMs) }),
      };
    },
  });
}

interface WorkerParts {
  readonly config: ExecutionConfig;
  readonly logger: Logger;
  readonly nats: NatsLink;
  readonly onStreamMissing: () => void;
  readonly writing: Omit<ClaimExecutionsDependencies, 'workerId' | 'leaseMs'> &
    SettleExecutionsDependencies & { readonly plans: PlanStore };
}

function composeWorker(
  { config, logger: parent, nats, onStreamMissing, writing }: WorkerParts,
  closers: CloserStack,
) {
  const workerId = newId();
  const logger = parent.child({ worker_id: workerId });
  const sandbox = new SandboxPool({
    maxRunners: config.SANDBOX_MAX_RUNNERS,
    heapMiB: config.SANDBOX_HEAP_MIB,
    maxResidentMiB: config.SANDBOX_MAX_RESIDENT_MIB,
    log: (level, message, fields) => logger[level](fields, message),
  });
  closers.push('sandbox', () => sandbox.close());

  // Of its own, so that a busy pool never makes a live worker look dead.
  const heartbeatDatabase = openDatabase({ ...config, DATABASE_POOL_MAX: 1 }, logger, 'heartbeat');
  closers.push('heartbeat database', () => heartbeatDatabase.close());
  const heartbeat = createHeartbeat({
    workers: createWorkerStore({ database: heartbeatDatabase }),
    worker: { id: workerId, hostName: hostname(), processId: process.pid },
    leaseMs: config.WORKER_LEASE_MS,
    logger,
  });
  let consumer: ReturnType<typeof consumeDispatch> | undefined;
  const worker = createWorker({
    claims: createClaimExecutions({ ...writing, workerId, leaseMs: config.WORKER_LEASE_MS }),
    settlements: createSettleExecutions(writing),
    plans: createPlanCache({ plans: writing.plans, maxPlans: config.PLAN_CACHE_MAX }),
    sandbox,
    slots: config.WORKER_SLOTS,
    maxClaims: config.WORKER_MAX_CLAIMS,
    pollMs: config.WORKER_POLL_MS,
    stepFlushMs: config.WORKER_STEP_FLUSH_MS,
    logger,
    newId,
    now: writing.now,
    random: Math.random,
    wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
    onSlotsFreed: () => consumer?.slotsFreed(),
  });

  return {
    async start() {
      await heartbeat.start();
      worker.start();
      consumer = consumeDispatch({
        nats,
        log: logger,
        newId,
        onStreamMissing,
        freeSlots: () => worker.freeSlots(),
        handler: (executionIds) => worker.take(executionIds),
      });
    },
    /** Most of the grace is for work in progress, so that calls that wait for it get their answer. */
    async stop(graceMs: number) {
      await consumer?.close();
      await worker.stop(graceMs * 0.75);
      // Last: what this worker still holds may be taken over from here on.
      await heartbeat.stop();
    },
  };
}

function openDatabase(
  config: ExecutionConfig,
  logger: Logger,
  part: string = config.EXECUTION_ROLE,
): Database {
  return createDatabase({
    url: config.DATABASE_URL.reveal(),
    applicationName: `execution-${part}`,
    poolMax: config.DATABASE_POOL_MAX,
    models: [ChainExecutionModel, NodeExecutionModel],
    onConnectionError: (error) => logger.warn({ err: error }, 'database connection lost'),
  });
}

function openNats(config: ExecutionConfig, logger: Logger): Promise<NatsLink> {
  return connectNats({
    url: config.NATS_URL,
    name: `execution-${config.EXECUTION_ROLE}`,
    user: config.NATS_USER,
    pass: config.NATS_PASSWORD?.reveal(),
    log: logger,
    onClosed: (error) => {
      // As an unhandled error it ends the process, which is then started anew: the client has given up for good.
      throw new Error('the NATS client has closed for good', { cause: error });
    },
  });
}
