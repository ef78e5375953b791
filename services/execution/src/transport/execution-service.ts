import { v7 as newId } from 'uuid';
import { requirePrincipal } from '@chain-processor/auth';
import { digestOfJson } from '@chain-processor/canonical-json';
import { ExecutionServiceDefinition } from '@chain-processor/proto/execution';
import {
  registerService,
  unimplemented,
  type RequestContext,
  type ServiceRegistration,
} from '@chain-processor/service-kit';
import { ExecutionNotFoundError } from '../domain/errors.js';
import type { Execution } from '../domain/execution.js';
import type { ExecutionStore } from '../store/execution-store.js';
import { waitForEnd, watchExecution, type FollowDependencies } from '../usecases/follow-execution.js';
import type { PlanResolver } from '../usecases/resolve-plan.js';
import type { StartExecution } from '../usecases/start-execution.js';
import {
  decodeExecutionId,
  decodeListNodeExecutions,
  decodeStart,
  decodeWatch,
  encodeExecution,
  encodeNodeExecutionPage,
  encodeWatchUpdate,
  type StartCommand,
} from './execution-codec.js';
import { policies } from './policies.js';

export interface ExecutionServiceDependencies extends FollowDependencies {
  readonly executions: ExecutionStore;
  readonly planResolver: PlanResolver;
  readonly startExecution: StartExecution;
}

export function executionService(dependencies: ExecutionServiceDependencies): ServiceRegistration {
  const { executions, planResolver, startExecution } = dependencies;

  async function start(command: StartCommand, context: RequestContext): Promise<Execution> {
    const principal = requirePrincipal(context);
    const { requestId, ...request } = command;
    const plan = await planResolver.resolve({ ...request, accessToken: principal.accessToken });
    return startExecution.start({
      id: newId(),
      plan,
      inputText: request.inputText,
      metadata: request.metadata,
      createdById: principal.id,
      request: requestId === undefined ? undefined : { id: requestId, digest: digestOf(request) },
    });
  }

  async function existing(executionId: string): Promise<Execution> {
    const execution = await executions.findById(executionId);
    if (execution === undefined) throw new ExecutionNotFoundError(executionId);
    return execution;
  }

  return registerService({
    definition: ExecutionServiceDefinition,
    policies,
    handlers: {
      async startExecution(request, context) {
        return { execution: encodeExecution(await start(decodeStart(request), context)) };
      },

      async runExecution(request, context) {
        const { id } = await start(decodeStart(request), context);
        const execution = await waitForEnd(dependencies, id, context.signal);
        return { execution: encodeExecution(execution, { output: true }) };
      },

      async getExecution(request) {
        const execution = await existing(decodeExecutionId(request));
        return { execution: encodeExecution(execution, { input: true, output: true }) };
      },

      async listNodeExecutions(request) {
        const list = decodeListNodeExecutions(request);
        const { executionId, after, pageSize } = list;
        await existing(executionId);
        const found = await executions.listNodeExecutions(executionId, {
          limit: pageSize + 1,
          ...(after === undefined ? {} : { after }),
        });
        return encodeNodeExecutionPage(list, found);
      },

      async *watchExecution(request, { signal }) {
        for await (const update of watchExecution(dependencies, { ...decodeWatch(request), signal })) {
          yield encodeWatchUpdate(update);
        }
      },

      ...unimplemented(ExecutionServiceDefinition, [
        'runExecutions',
        'listExecutions',
        'cancelExecution',
        'rerunExecution',
        'tryNode',
        'getExecutionStats',
        'listExecutionEvents',
      ]),
    },
  });
}

/** StartExecution and RunExecution of the same content are the same request. */
function digestOf({
  strategyId,
  inputText,
  metadata,
  strategyRevision,
  planDigest,
}: Omit<StartCommand, 'requestId'>): Buffer {
  return digestOfJson({
    strategyId,
    inputText,
    metadata,
    strategyRevision,
    planDigest: planDigest?.toString('hex'),
  });
}
