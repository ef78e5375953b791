import { connect as connectNats, type JsMsg, type NatsConnection } from 'nats';
import { expect } from 'chai';
import { Status, type ChainProcessorClient } from '@chain-processor/client';
import { EVENT_STREAM } from '@chain-processor/events';
import { runDemo, type Terminal } from '@chain-processor/launcher';
import { ExecutionStatus, type Execution, type NodeExecution } from '@chain-processor/proto/execution';
import { startEndToEndStack, type EndToEndStack } from './e2e-stack.js';

describe('the demo chain', function () {
  this.timeout(120_000);
  let stack: EndToEndStack;
  let client: ChainProcessorClient;
  let nats: NatsConnection;
  const output = recordingTerminal();
  let execution: Execution;

  before(async () => {
    stack = await startEndToEndStack();
    client = stack.client();
    const { host, port, user, password: pass } = stack.describe().nats;
    nats = await connectNats({ servers: `${host}:${port}`, user, pass, waitOnFirstConnect: true });
    execution = await runDemo({
      stack: stack.describe(),
      text: 'Hello, big World!',
      terminal: output.terminal,
      signal: AbortSignal.timeout(60_000),
    });
  });

  after(async () => {
    // First, so that nothing is left running when the set-up failed half way.
    await stack.stop();
    await nats.close();
  });

  async function recordedSteps(): Promise<NodeExecution[]> {
    const answer = await client.executions.listNodeExecutions({
      executionId: execution.id,
      includeTexts: true,
    });
    return answer.nodeExecutions;
  }

  it('counts the words', async () => {
    const { execution: read } = await client.executions.getExecution({ executionId: execution.id });

    expect(execution.outputText).to.equal('Word count: 3');
    expect(read).to.include({
      status: ExecutionStatus.SUCCESS,
      inputText: 'Hello, big World!',
      outputText: 'Word count: 3',
    });
  });

  it('records each step with the texts that went in and came out (E4)', async () => {
    const texts = (await recordedSteps()).map(({ position, status, inputText, outputText }) => [
      position,
      status,
      inputText,
      outputText,
    ]);

    expect(texts).to.deep.equal([
      [1, ExecutionStatus.SUCCESS, 'Hello, big World!', 'hello, big world!'],
      [2, ExecutionStatus.SUCCESS, 'hello, big world!', 'hello big world'],
      [3, ExecutionStatus.SUCCESS, 'hello big world', 'Word count: 3'],
    ]);
  });

  it('shows every step and every event to the person who runs it', () => {
    const shown = output.lines.join('\n');

    for (const part of ['lowercase', 'remove punctuation', 'hello big world', 'Result: Word count: 3']) {
      expect(shown).to.include(part);
    }
    for (const event of ['queued', 'started', 'node_succeeded', 'succeeded']) {
      expect(shown).to.include(`chain.execution.v1.${event}.${execution.strategyId}`);
    }
    expect(output.errors).to.deep.equal([]);
  });

  it('announces every transition in order, as CloudEvents, numbered without gaps (E5)', async () => {
    const messages = await readEvents(nats);
    const names = messages.map(({ subject }) => subject.split('.')[3]);

    expect(names).to.deep.equal([
      'queued',
      'started',
      'node_succeeded',
      'node_succeeded',
      'node_succeeded',
      'succeeded',
    ]);
    for (const [index, { subject, headers }] of messages.entries()) {
      const sequence = index + 1;
      expect(subject).to.equal(`chain.execution.v1.${names[index] ?? ''}.${execution.strategyId}`);
      expect(headers?.get('ce-specversion')).to.equal('1.0');
      expect(headers?.get('ce-id')).to.equal(`${execution.id}:${sequence}`);
      expect(headers?.get('Nats-Msg-Id')).to.equal(`${execution.id}:${sequence}`);
      expect(headers?.get('ce-sequence')).to.equal(String(sequence).padStart(10, '0'));
      expect(headers?.get('ce-type')).to.equal(`com.chainprocessor.execution.${names[index] ?? ''}.v1`);
      expect(headers?.get('ce-source')).to.include(execution.id);
      expect(headers?.get('ce-datacontenttype')).to.equal('application/json');
      expect(Date.parse(headers?.get('ce-time') ?? '')).to.be.a('number').that.is.not.NaN;
    }
  });

  it('sums every step up in the final event', async () => {
    const final = (await readEvents(nats)).at(-1)?.json<{ steps: object[]; outputText: string }>();

    expect(final?.outputText).to.equal('Word count: 3');
    expect(final?.steps).to.have.length(3);
    expect(final?.steps[2]).to.include({
      position: 3,
      nodeName: 'count words',
      status: 'STEP_STATUS_SUCCESS',
    });
  });

  it('is made once, however often it runs', async () => {
    const { outputText } = await runDemo({
      stack: stack.describe(),
      text: 'Ünïcödé “quotes” – and 日本語',
      terminal: recordingTerminal().terminal,
      signal: AbortSignal.timeout(60_000),
    });

    const { strategies } = await client.strategies.listStrategies({});
    const { nodes } = await client.nodes.listNodes({ isBuiltin: false });

    expect(outputText).to.equal('Word count: 4');
    expect(strategies).to.have.length(1);
    expect(nodes).to.have.length(2);
  });

  it('rejects with what the service says when the text cannot be run', async () => {
    const error: unknown = await runDemo({
      stack: stack.describe(),
      text: '',
      terminal: recordingTerminal().terminal,
      signal: AbortSignal.timeout(60_000),
    }).catch((reason: unknown) => reason);

    expect(error).to.include({ code: Status.INVALID_ARGUMENT, reason: 'FIELD_INVALID' });
  });
});

/** What a person would see. */
function recordingTerminal(): { terminal: Terminal; lines: string[]; errors: string[] } {
  const lines: string[] = [];
  const errors: string[] = [];
  return {
    lines,
    errors,
    terminal: { line: (text = '') => void lines.push(text), error: (text) => void errors.push(text) },
  };
}

/** Reads the stream itself, headers included, as a consumer in another language would. */
async function readEvents(nats: NatsConnection): Promise<JsMsg[]> {
  const manager = await nats.jetstreamManager();
  const { name } = await manager.consumers.add(EVENT_STREAM, { filter_subject: 'chain.execution.v1.>' });
  const consumer = await nats.jetstream().consumers.get(EVENT_STREAM, name);
  const { num_pending: count } = await consumer.info();
  const messages: JsMsg[] = [];
  for await (const message of await consumer.fetch({ max_messages: count, expires: 5_000 }))
    messages.push(message);
  await consumer.delete();
  return messages;
}
