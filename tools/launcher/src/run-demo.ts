import { connect, type ChainProcessorClient } from '@chain-processor/client';
import { durationToMs } from '@chain-processor/proto/duration';
import { ExecutionStatus, type Execution, type NodeExecution } from '@chain-processor/proto/execution';
import { ensureDemoChain, type DemoChain } from './demo-chain.js';
import { EXECUTION_EVENTS, recordEvents } from './event-recorder.js';
import type { StackDescription } from './stack-file.js';
import { formatTable, preview, type Terminal } from './terminal.js';

/** Events follow their commit within milliseconds, unless NATS was just lost. */
const EVENTS_TIMEOUT_MS = 15_000;

/** The demo's chain ended, and not with success. */
export class DemoFailedError extends Error {
  constructor({ id, status, error }: Execution) {
    const reason = error === undefined ? '' : `: ${error.reason}: ${error.message}`;
    super(`execution ${id} ended as ${status.replace('EXECUTION_STATUS_', '')}${reason}`);
    this.name = 'DemoFailedError';
  }
}

/**
 * Runs the demo chain on `text` as an outside caller would: over gRPC as the admin, with a subscription at NATS. Prints each step as
 * it is recorded, the result, and the events. Returns the execution; rejects with DemoFailedError when the chain fails.
 */
export async function runDemo({
  stack,
  text,
  terminal,
  signal,
}: {
  readonly stack: StackDescription;
  readonly text: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<Execution> {
  const { identity, catalog, execution } = stack.services;
  const client = connect({
    endpoints: { identity: identity.endpoint, catalog: catalog.endpoint, execution: execution.endpoint },
    credentials: stack.admin,
  });
  const recorder = await recordEvents({ nats: stack.nats, onProblem: (line) => terminal.error(line) });
  try {
    const chain = await ensureDemoChain(client, signal);
    const names = [...chain.nodeNamesById.values()].join(' -> ');
    terminal.line(`\nRunning "${preview(text)}" through ${names}`);
    const started = await client.start({ strategyId: chain.strategyId, inputText: text }, { signal });
    const ended = await printSteps({ client, chain, executionId: started.id, terminal, signal });
    if (ended.status === ExecutionStatus.SUCCESS) terminal.line(`Result: ${ended.outputText}`);
    const events = await recorder.eventsOf(ended.id, EVENTS_TIMEOUT_MS);
    terminal.line(`\nEvents received from NATS on ${EXECUTION_EVENTS}`);
    const rows = events.map(({ sequence, type, subject }) => [String(sequence), type, subject]);
    for (const line of formatTable(rows)) terminal.line(line);
    if (ended.status !== ExecutionStatus.SUCCESS) throw new DemoFailedError(ended);
    return ended;
  } finally {
    await recorder.close();
    client.close();
  }
}

/** Follows the execution and prints each finished step; returns the execution as it ended. */
async function printSteps({
  client,
  chain,
  executionId,
  terminal,
  signal,
}: {
  readonly client: ChainProcessorClient;
  readonly chain: DemoChain;
  readonly executionId: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<Execution> {
  let last: Execution | undefined;
  for await (const { execution, nodeExecution } of client.watch(executionId, { signal })) {
    last = execution;
    if (nodeExecution !== undefined) terminal.line(await describeStep(client, chain, nodeExecution, signal));
  }
  if (last === undefined) throw new Error(`the watch of execution ${executionId} ended without a message`);
  return last;
}

async function describeStep(
  client: ChainProcessorClient,
  { nodeNamesById }: DemoChain,
  { id, executionId, nodeId, position, executionTime }: NodeExecution,
  signal: AbortSignal,
): Promise<string> {
  const { nodeExecutions } = await client.executions.listNodeExecutions(
    { executionId, includeTexts: true },
    { signal },
  );
  const recorded = nodeExecutions.find((nodeExecution) => nodeExecution.id === id);
  const name = (nodeNamesById.get(nodeId) ?? nodeId).padEnd(20);
  const duration = executionTime === undefined ? '' : `${durationToMs(executionTime)} ms`;
  const outcome = recorded?.error?.message ?? recorded?.outputText ?? '';
  return `  ${position}  ${name}${duration.padEnd(8)}${preview(outcome)}`;
}
