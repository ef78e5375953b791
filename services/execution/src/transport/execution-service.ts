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
import type { StoredPlan } from '../domain/plan.js';
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
  encodeNodeExecution,
  encodeWatchUpdate,
  fitPage,
  type StartCommand,
} from './execution-codec.js';
import { policies } from './policies.js';

export interface ExecutionServiceDependencies extends FollowDependencies {
  readonly executions: ExecutionStore;
  readonly planResolver: PlanResolver;
  readonly startExecution: StartExecution;
  readonly newId: () => string;
}

export function executionService(dependencies: ExecutionServiceDependencies): ServiceRegistration {
  const { executions, nodeExecutions, planResolver, startExecution, newId } = dependencies;

  async function start(command: StartCommand, context: RequestContext): Promise<Execution> {
    const principal = requirePrincipal(context);
    const { requestId, ...content } = command;
    const request = requestId === undefined ? undefined : { id: requestId, digest: digestOf(content) };
    let plan: StoredPlan;
    try {
      plan = await planResolver.resolve({ ...content, accessToken: principal.accessToken });
    } catch (error) {
      // What was started before is there, whatever became of the strategy since.
      const first = request && (await startExecution.findFirst(principal.id, request));
      if (first !== undefined) return first;
      throw error;
    }
    return startExecution.start({
      id: newId(),
      plan,
      inputText: content.inputText,
      metadata: content.metadata,
      createdById: principal.id,
      request,
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
        const { page, nextPageToken } = fitPage(
          list,
          await nodeExecutions.list(executionId, { after, limit: pageSize + 1 }),
        );
        const texts = list.includeTexts
          ? await nodeExecutions.findTexts(page.map(({ id }) => id))
          : undefined;
        return {
          nodeExecutions: page.map((step) => encodeNodeExecution(step, texts?.get(step.id))),
          nextPageToken,
        };
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
