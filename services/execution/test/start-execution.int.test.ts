import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Status } from 'nice-grpc';
import { ExecutionStatus, StartExecutionRequest } from '@chain-processor/proto/execution';
import { failureOf, rawCall } from '@chain-processor/testing';
import { eventually } from './support/eventually.js';
import { startHarness, type Harness } from './support/harness.js';
import { demoChain, lowercase } from './support/nodes.js';

describe('StartExecution', () => {
  let harness: Harness;
  before(async () => (harness = await startHarness()));
  after(() => harness.stop());

  const rowCount = async () => {
    const [row] = await harness.database.query<{ count: string }>('select count(*) from chain_executions');
    return Number(row?.count);
  };

  it('answers the pending execution, which then runs to its end', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain);

    const { execution: accepted } = await harness.executions.startExecution({
      strategyId,
      inputText: 'One, two.',
    });
    const { execution: ended } = await eventually(
      () => harness.executions.getExecution({ executionId: accepted?.id ?? '' }),
      ({ execution }) => execution?.status === ExecutionStatus.SUCCESS,
    );

    expect(accepted).to.include({
      status: ExecutionStatus.PENDING,
      version: 1,
      inputText: '',
      outputText: '',
    });
    expect(ended).to.include({ inputText: 'One, two.', outputText: 'Word count: 2' });
  });

  it('starts once for a repeated request id, however many repeats come at a time', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const request = { strategyId, inputText: 'once', metadata: { a: 1, b: 2 }, requestId: randomUUID() };

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => harness.executions.startExecution(request)),
    );
    const reordered = await harness.executions.startExecution({ ...request, metadata: { b: 2, a: 1 } });

    const ids = new Set([...answers, reordered].map(({ execution }) => execution?.id));
    expect(ids.size).to.equal(1);
  });

  it('refuses a request id that came with another request', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const requestId = randomUUID();
    await harness.executions.startExecution({ strategyId, inputText: 'first', requestId });

    const failure = await failureOf(
      harness.executions.startExecution({ strategyId, inputText: 'second', requestId }),
    );

    expect(failure).to.include({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  });

  it('answers a repeat with the first execution although the strategy cannot be run any more', async () => {
    const fresh = await startHarness({ PLAN_FRESH_MS: '0' });
    try {
      const strategyId = fresh.catalog.addStrategy([lowercase]);
      const request = { strategyId, inputText: 'A', requestId: randomUUID() };
      const { execution: first } = await fresh.executions.runExecution(request);
      fresh.catalog.refuse(strategyId, Status.FAILED_PRECONDITION, 'STRATEGY_INACTIVE');

      const { execution: repeat } = await fresh.executions.startExecution(request);
      const failure = await failureOf(
        fresh.executions.startExecution({ ...request, requestId: randomUUID() }),
      );

      expect(repeat).to.include({ id: first?.id, status: ExecutionStatus.SUCCESS });
      expect(failure).to.include({ reason: 'STRATEGY_INACTIVE' });
    } finally {
      await fresh.stop();
    }
  });

  it('runs the very plan that is asked for', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const { execution: first } = await harness.executions.runExecution({ strategyId, inputText: 'A' });

    const { execution } = await harness.executions.runExecution({
      strategyId,
      inputText: 'B',
      planDigest: first?.planDigest,
    });
    const failure = await failureOf(
      harness.executions.startExecution({ strategyId, inputText: 'B', planDigest: new Uint8Array(32) }),
    );

    expect(execution?.outputText).to.equal('b');
    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'PLAN_NOT_FOUND' });
  });

  it('asks catalog once for many starts of one strategy', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const before = harness.catalog.resolveCount;

    await Promise.all(
      Array.from({ length: 50 }, () => harness.executions.startExecution({ strategyId, inputText: 'many' })),
    );

    expect(harness.catalog.resolveCount - before).to.equal(1);
  });

  it('passes on what catalog says about the strategy', async () => {
    const empty = harness.catalog.addStrategy([lowercase]);
    harness.catalog.refuse(empty, Status.FAILED_PRECONDITION, 'STRATEGY_EMPTY');

    const unknown = await failureOf(
      harness.executions.startExecution({ strategyId: randomUUID(), inputText: 'a' }),
    );
    const refused = await failureOf(harness.executions.startExecution({ strategyId: empty, inputText: 'a' }));

    expect(unknown).to.include({ code: 'NOT_FOUND', reason: 'STRATEGY_NOT_FOUND' });
    expect(refused).to.include({ code: 'FAILED_PRECONDITION', reason: 'STRATEGY_EMPTY' });
  });

  it('refuses bad input with every violation, and writes nothing', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const before = await rowCount();

    const malformed = await failureOf(
      harness.executions.startExecution({ strategyId: 'not-a-uuid', inputText: '', requestId: 'neither' }),
    );
    const tooLong = await failureOf(
      harness.executions.startExecution({ strategyId, inputText: 'x'.repeat(2_000_000) }),
    );
    const withNul = await failureOf(harness.executions.startExecution({ strategyId, inputText: 'a\0b' }));
    const metadataWithNan = await failureOf(
      harness.executions.startExecution({ strategyId, inputText: 'a', metadata: { key: Number.NaN } }),
    );
    const metadataWithNul = await failureOf(
      harness.executions.startExecution({ strategyId, inputText: 'a', metadata: { key: 'a\0b' } }),
    );
    const bothPins = await failureOf(
      harness.executions.startExecution({
        strategyId,
        inputText: 'a',
        strategyRevision: 1,
        planDigest: new Uint8Array(32),
      }),
    );

    expect(malformed).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(malformed.fields).to.deep.equal(['input_text', 'request_id', 'strategy_id']);
    expect(tooLong.violations)
      .to.have.property('input_text')
      .that.includes('2000000 bytes')
      .and.includes('1048576');
    expect(withNul.violations).to.have.property('input_text').that.includes('U+0000');
    expect(metadataWithNul.violations).to.have.property('metadata').that.includes('U+0000');
    expect(metadataWithNan.violations).to.have.property('metadata').that.includes('NaN');
    expect(bothPins.fields).to.deep.equal(['plan_digest']);
    expect(await rowCount()).to.equal(before);
  });

  it('refuses a text with a lone surrogate instead of changing it', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const request = StartExecutionRequest.encode(
      StartExecutionRequest.fromPartial({ strategyId, inputText: 'a?b' }),
    ).finish();
    // A lone surrogate in the way in which careless encoders write it: ED A0 80, no valid UTF-8.
    const surrogate = Buffer.from(
      Buffer.from(request).toString('latin1').replace('\x03a?b', '\x05a\xed\xa0\x80b'),
      'latin1',
    );

    const failure = await failureOf(
      rawCall({
        target: `127.0.0.1:${harness.port}`,
        methodPath: '/chainprocessor.execution.v1.ExecutionService/StartExecution',
        request: surrogate,
        token: await harness.identity.token({ roles: ['editor'] }),
      }),
    );

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_MALFORMED' });
    expect(failure.message).to.include('UTF-8');
  });

  it('runs a known plan while catalog is down, and refuses an unknown strategy', async () => {
    const lonely = await startHarness({ PLAN_FRESH_MS: '0' });
    try {
      const strategyId = lonely.catalog.addStrategy([lowercase]);
      await lonely.executions.runExecution({ strategyId, inputText: 'KNOWN' });
      await lonely.catalog.stop();

      const { execution } = await lonely.executions.runExecution({ strategyId, inputText: 'STILL KNOWN' });
      const failure = await failureOf(
        lonely.executions.startExecution({ strategyId: randomUUID(), inputText: 'a' }),
      );

      expect(execution?.outputText).to.equal('still known');
      expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'DEPENDENCY_UNAVAILABLE' });
    } finally {
      await lonely.stop();
    }
  });
});

describe('GetExecution and ListNodeExecutions', () => {
  let harness: Harness;
  before(async () => (harness = await startHarness()));
  after(() => harness.stop());

  it('say that an unknown execution is not found and a malformed id is no id', async () => {
    const calls = [harness.executions.getExecution, harness.executions.listNodeExecutions];

    for (const call of calls) {
      const unknown = await failureOf(call({ executionId: randomUUID() }));
      const malformed = await failureOf(call({ executionId: '42' }));

      expect(unknown).to.include({ code: 'NOT_FOUND', reason: 'EXECUTION_NOT_FOUND' });
      expect(malformed).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
      expect(malformed.fields).to.deep.equal(['execution_id']);
    }
  });

  it('refuse a negative page size and a page token of another list', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, lowercase]);
    const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'A' });
    const executionId = execution?.id ?? '';
    const { nextPageToken } = await harness.executions.listNodeExecutions({ executionId, pageSize: 1 });

    const negative = await failureOf(harness.executions.listNodeExecutions({ executionId, pageSize: -1 }));
    const foreign = await failureOf(
      harness.executions.listNodeExecutions({
        executionId,
        pageSize: 1,
        includeTexts: true,
        pageToken: nextPageToken,
      }),
    );

    expect(negative.fields).to.deep.equal(['page_size']);
    expect(foreign).to.include({ code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' });
  });
});
