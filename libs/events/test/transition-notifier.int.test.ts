import { expect } from 'chai';
import { createTransitionNotifier, type NatsLink, type TransitionNotifier } from '../src/index.js';
import { eventually, newId, recordingLog, TestNats } from './test-servers.js';

describe('the transition notifier', function () {
  this.timeout(60_000);
  let server: TestNats;

  before(async () => {
    server = await TestNats.start();
  });

  afterEach(() => server.endTest());

  after(() => server.close());

  function startNotifier(nats: NatsLink, log = recordingLog()): TransitionNotifier {
    const notifier = createTransitionNotifier({ nats, log, newId });
    server.onTestEnd(() => notifier.close());
    return notifier;
  }

  it('calls listeners of the same process before it returns, while NATS is down too', async () => {
    await server.stopServer();
    const notifier = startNotifier(await server.connect({ isUp: false }));
    const executionId = newId();
    let calls = 0;
    notifier.subscribe(executionId, () => (calls += 1));

    notifier.notify([executionId, newId()]);
    await server.startServer();

    expect(calls).to.equal(1);
  });

  it('calls listeners of other processes, and those of the same process only once', async () => {
    const nats = await server.connect();
    const near = startNotifier(nats);
    const far = startNotifier(await server.connect());
    const executionId = newId();
    let nearCalls = 0;
    let farCalls = 0;
    near.subscribe(executionId, () => (nearCalls += 1));
    far.subscribe(executionId, () => (farCalls += 1));

    await eventually('the other process is notified', () => {
      if (farCalls === 0) near.notify([executionId]);
      return farCalls > 0;
    });
    const callsBefore = nearCalls;
    near.notify([executionId]);
    await nats.connection()?.flush();

    expect(nearCalls).to.equal(callsBefore + 1);
  });

  it('calls nobody who has stopped listening', async () => {
    const notifier = startNotifier(await server.connect());
    const executionId = newId();
    let stoppedCalls = 0;
    let calls = 0;
    const stop = notifier.subscribe(executionId, () => (stoppedCalls += 1));
    notifier.subscribe(executionId, () => (calls += 1));

    stop();
    notifier.notify([executionId]);

    expect([stoppedCalls, calls]).to.deep.equal([0, 1]);
  });

  it('calls everybody after a reconnection, because notifications were lost meanwhile', async () => {
    const notifier = startNotifier(await server.connect());
    let calls = 0;
    notifier.subscribe(newId(), () => (calls += 1));

    await server.stopServer();
    await server.startServer();

    await eventually('the listener was called', () => calls === 1);
  });

  it('calls the other listeners when one fails', async () => {
    const log = recordingLog();
    const notifier = startNotifier(await server.connect(), log);
    const executionId = newId();
    let calls = 0;
    notifier.subscribe(executionId, () => {
      throw new Error('listener');
    });
    notifier.subscribe(executionId, () => (calls += 1));

    notifier.notify([executionId]);

    expect(calls).to.equal(1);
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['error']);
  });
});
