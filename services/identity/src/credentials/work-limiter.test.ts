import { expect } from 'chai';
import { OverloadedError } from '@chain-processor/errors';
import { createWorkLimiter, type WorkLimiter } from './work-limiter.js';

/** Work that goes on until it is told to end. */
function openWork(limiter: WorkLimiter, signal?: AbortSignal) {
  let begin = (): void => undefined;
  let end = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = {
    isStarted: false,
    started,
    done: limiter(() => {
      work.isStarted = true;
      begin();
      return told;
    }, signal),
    finish: () => {
      end();
      return work.done;
    },
  };
  return work;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('work limiter', () => {
  it('runs as many at a time as allowed and the next when one ends', async () => {
    const limiter = createWorkLimiter({ concurrency: 1, maxWaiting: 1 });
    const first = openWork(limiter);
    const second = openWork(limiter);
    await first.started;
    expect(second.isStarted).to.equal(false);

    await first.finish();

    await second.started;
    await second.finish();
  });

  it('refuses whoever finds the line full', async () => {
    const limiter = createWorkLimiter({ concurrency: 1, maxWaiting: 1 });
    const first = openWork(limiter);
    const second = openWork(limiter);

    expect(await failureOf(openWork(limiter).done)).to.be.instanceOf(OverloadedError);

    await first.finish();
    await second.finish();
  });

  it('lets those who gave up leave the line without starting', async () => {
    const limiter = createWorkLimiter({ concurrency: 1, maxWaiting: 1 });
    const first = openWork(limiter);
    const impatient = new AbortController();
    const second = openWork(limiter, impatient.signal);

    impatient.abort(new Error('gone'));

    expect(await failureOf(second.done)).to.have.property('message', 'gone');
    const third = openWork(limiter);
    await first.finish();
    await third.started;
    expect(second.isStarted).to.equal(false);
    await third.finish();
  });

  it('passes the turn on when work fails', async () => {
    const limiter = createWorkLimiter({ concurrency: 1, maxWaiting: 0 });

    const failure = await failureOf(limiter(() => Promise.reject(new Error('broken'))));

    expect(failure).to.have.property('message', 'broken');
    expect(await limiter(async () => 'next')).to.equal('next');
  });
});
