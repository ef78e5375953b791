import { expect } from 'chai';
import { createChannel, createClientFactory, Metadata } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { anonymous, authenticated, createTokenVerifier, type TokenVerifier } from '@chain-processor/auth';
import { ExecutionServiceDefinition } from '@chain-processor/proto/execution';
import { failureOf } from '@chain-processor/testing';
import { startGrpcServer, type GrpcServer } from '../src/grpc-server.js';
import { createHealthMonitor } from '../src/health.js';
import { createLogger, type RequestContext, type ServiceRegistration } from '../src/index.js';
import { readConfig } from '../src/read-config.js';
import { serverConfigShape } from '../src/server-config.js';
import { z } from 'zod';

type Handler = (context: RequestContext) => Promise<void>;

const GET_EXECUTION = '/chainprocessor.execution.v1.ExecutionService/GetExecution';
const WATCH_EXECUTION = '/chainprocessor.execution.v1.ExecutionService/WatchExecution';

const noTokens: TokenVerifier = createTokenVerifier({
  issuer: 'nobody',
  audience: 'nobody',
  getKey: () => Promise.reject(new Error('no key')),
});

/** A server with one unary method and one stream, whose behaviour each test gives. */
class Fixture {
  readonly lines: string[] = [];
  handler: Handler = () => Promise.resolve();
  server: GrpcServer | undefined;
  readonly channels: ReturnType<typeof createChannel>[] = [];

  async start(
    environment: Record<string, string> = {},
    policies: ServiceRegistration['policies'] = openPolicies,
  ): Promise<void> {
    const logger = createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => this.lines.push(line) },
    });
    const { getExecution, watchExecution } = ExecutionServiceDefinition.methods;
    const health = createHealthMonitor({ serviceNames: [], checks: [], logger });
    const service = {
      definition: { ...ExecutionServiceDefinition, methods: { getExecution, watchExecution } },
      policies,
      handlers: {
        getExecution: async (_request: unknown, context: RequestContext) => {
          await this.handler(context);
          return {};
        },
        watchExecution: async function* (this: Fixture, _request: unknown, context: RequestContext) {
          yield { sequence: 1 };
          await this.handler(context);
        }.bind(this),
      },
    };
    this.server = await startGrpcServer({
      config: readConfig(z.object(serverConfigShape), environment),
      logger,
      verifier: noTokens,
      services: [service as unknown as ServiceRegistration],
      healthState: health.state,
    });
    health.stop();
  }

  client(metadata: Record<string, string> = {}) {
    const channel = createChannel(`127.0.0.1:${this.server?.port}`);
    this.channels.push(channel);
    return createClientFactory()
      .use(errorDetailsClientMiddleware)
      .create(ExecutionServiceDefinition, channel, { '*': { metadata: Metadata(metadata) } });
  }

  completionLine(): Record<string, unknown> {
    const line = this.lines.find((candidate) => candidate.includes('call finished'));
    return JSON.parse(line ?? '{}') as Record<string, unknown>;
  }

  async stop(): Promise<void> {
    for (const channel of this.channels) channel.close();
    await this.server?.stop(0);
  }
}

const openPolicies: ServiceRegistration['policies'] = new Map([
  [GET_EXECUTION, { access: anonymous }],
  [WATCH_EXECUTION, { access: anonymous }],
]);

const untilAborted: Handler = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('the gRPC server of the service kit', () => {
  let fixture: Fixture;
  beforeEach(() => {
    fixture = new Fixture();
  });
  afterEach(() => fixture.stop());

  it('denies a method that has no policy, whoever asks', async () => {
    await fixture.start({}, new Map([[WATCH_EXECUTION, { access: anonymous }]]));

    const failure = await failureOf(fixture.client().getExecution({}));

    expect(failure).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
  });

  it('asks for a token where the policy wants one', async () => {
    await fixture.start({}, new Map([[GET_EXECUTION, { access: authenticated }]]));

    const failure = await failureOf(fixture.client().getExecution({}));

    expect(failure).to.include({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });

  it('ends a call that sent no deadline at the maximum of the server, even when the handler does not listen', async () => {
    await fixture.start({ GRPC_MAX_CALL_MS: '50' });
    fixture.handler = () => new Promise(() => undefined);

    const failure = await failureOf(fixture.client().getExecution({}));

    expect(failure).to.include({ code: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_EXCEEDED' });
    expect(failure.message).to.include('50 ms');
  });

  it('gives a method the maximum of its own policy', async () => {
    await fixture.start(
      { GRPC_MAX_CALL_MS: '60000' },
      new Map([[GET_EXECUTION, { access: anonymous, maxDurationMs: 30 }]]),
    );
    fixture.handler = untilAborted;

    const failure = await failureOf(fixture.client().getExecution({}));

    expect(failure).to.include({ code: 'DEADLINE_EXCEEDED' });
    expect(failure.message).to.include('30 ms');
  });

  it('aborts the handler when the caller goes away', async () => {
    await fixture.start();
    const caller = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      fixture.handler = (context) => {
        context.signal.addEventListener('abort', () => resolve());
        caller.abort();
        return untilAborted(context);
      };
    });

    const call = fixture
      .client()
      .getExecution({}, { signal: caller.signal })
      .catch(() => 'gone');

    expect(await call).to.equal('gone');
    await aborted;
  });

  it('refuses calls beyond the limit in flight and says when to come again', async () => {
    await fixture.start({ GRPC_MAX_CALLS_IN_FLIGHT: '1' });
    fixture.handler = untilAborted;
    const client = fixture.client();
    const caller = new AbortController();

    const first = client.getExecution({}, { signal: caller.signal }).catch(() => 'gone');
    const failure = await failureOf(client.getExecution({}));
    caller.abort();
    await first;

    expect(failure).to.include({ code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED' });
  });

  it('does not take many calls in flight for a leak', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const waiting: (() => void)[] = [];
    // All are let go when the last one is there.
    fixture.handler = async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 20) waiting.forEach((letGo) => letGo());
      });
    };
    await fixture.start();
    const client = fixture.client();

    await Promise.all(Array.from({ length: 20 }, () => client.getExecution({})));
    process.off('warning', note);

    expect(warnings).to.deep.equal([]);
  });

  it('hides an error that nobody foresaw and logs it once with its cause', async () => {
    await fixture.start();
    fixture.handler = () =>
      Promise.reject(new Error('outer', { cause: new Error('password=hunter2 is wrong') }));

    const failure = await failureOf(fixture.client({ 'x-request-id': 'req-7' }).getExecution({}));

    expect(failure).to.include({ code: 'INTERNAL', reason: 'INTERNAL' });
    expect(failure.message).to.not.include('hunter2');
    expect(fixture.completionLine()).to.include({ code: 'INTERNAL', request_id: 'req-7', level: 'error' });
    expect(fixture.lines.filter((line) => line.includes('outer'))).to.have.length(1);
  });

  it('refuses metadata that is larger than it reads', async () => {
    await fixture.start();

    const failure = await failureOf(fixture.client({ padding: 'x'.repeat(9_000) }).getExecution({}));

    expect(failure).to.include({ code: 'RESOURCE_EXHAUSTED', reason: 'METADATA_TOO_LARGE' });
  });

  it('stops although a stream is open, and ends the stream with UNAVAILABLE', async () => {
    await fixture.start();
    fixture.handler = untilAborted;
    const opened = fixture.client().watchExecution({});
    const iterator = opened[Symbol.asyncIterator]();
    await iterator.next();

    const [failure] = await Promise.all([failureOf(iterator.next()), fixture.server?.stop(10_000)]);

    expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  });

  it('lets a unary call finish while it stops', async () => {
    await fixture.start();
    let finish: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      fixture.handler = () => {
        resolve();
        return new Promise((done) => (finish = done));
      };
    });
    const call = fixture.client().getExecution({});
    await began;

    const stopping = fixture.server?.stop(10_000);
    finish();

    expect(await call).to.have.property('execution');
    await stopping;
  });

  it('ends calls that go on after the grace period', async () => {
    await fixture.start();
    const began = new Promise<void>((resolve) => {
      fixture.handler = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const call = fixture.client().getExecution({});
    await began;

    const [failure] = await Promise.all([failureOf(call), fixture.server?.stop(20)]);

    expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  });
});
