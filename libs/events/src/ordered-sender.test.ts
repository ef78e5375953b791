import { expect } from 'chai';
import type { ChainEvent } from './chain-event.js';
import { createOrderedSender } from './ordered-sender.js';
import type { SendOutcome } from './send-event.js';

/** Sends that a test settles by hand, by event id, in the order in which they began. */
function heldSends() {
  const begun = new Map<string, (outcome: SendOutcome) => void>();
  return {
    begun,
    sendEvent: ({ id }: ChainEvent) =>
      new Promise<SendOutcome>((settle) => {
        begun.set(id, settle);
      }),
  };
}

function eventOf(key: string, sequence: number): ChainEvent {
  return { id: `${key}:${sequence}`, subject: '', type: '', source: '', time: '', sequence, data: {} };
}

const ACKNOWLEDGED: SendOutcome = { kind: 'acknowledged', isDuplicate: false };
const DEFERRED: SendOutcome = { kind: 'deferred', error: 'down' };

/** Lets everything run that waits for nothing but other code. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the ordered sender', () => {
  it('sends the events of one resource one after the other, and those of others meanwhile', async () => {
    const { begun, sendEvent } = heldSends();
    const sender = createOrderedSender({ sendEvent, maxInFlight: 10 });

    for (const event of [eventOf('a', 1), eventOf('a', 2), eventOf('b', 1)]) void sender.send(event);
    const before = [...begun.keys()];
    begun.get('a:1')?.(ACKNOWLEDGED);
    await settled();

    expect(before).to.deep.equal(['a:1', 'b:1']);
    expect([...begun.keys()]).to.deep.equal(['a:1', 'b:1', 'a:2']);
  });

  it('has no more under way than allowed', async () => {
    const { begun, sendEvent } = heldSends();
    const sender = createOrderedSender({ sendEvent, maxInFlight: 2 });

    for (const key of ['a', 'b', 'c', 'd']) void sender.send(eventOf(key, 1));
    const before = [...begun.keys()];
    begun.get('a:1')?.(ACKNOWLEDGED);
    await settled();

    expect(before).to.deep.equal(['a:1', 'b:1']);
    expect([...begun.keys()]).to.deep.equal(['a:1', 'b:1', 'c:1']);
    expect(sender.waitingCount()).to.equal(1);
  });

  it('goes on with the next event after a refused one', async () => {
    const { begun, sendEvent } = heldSends();
    const sender = createOrderedSender({ sendEvent, maxInFlight: 10 });

    void sender.send(eventOf('a', 1));
    void sender.send(eventOf('a', 2));
    begun.get('a:1')?.({ kind: 'refused', error: 'too large' });
    await settled();

    expect([...begun.keys()]).to.deep.equal(['a:1', 'a:2']);
  });

  it('gives up all that waits when one event is deferred, and lets what is under way finish', async () => {
    const { begun, sendEvent } = heldSends();
    const sender = createOrderedSender({ sendEvent, maxInFlight: 2 });

    const outcomes = Promise.all(
      [eventOf('a', 1), eventOf('a', 2), eventOf('b', 1), eventOf('c', 1)].map((event) => sender.send(event)),
    );
    begun.get('a:1')?.(DEFERRED);
    await settled();
    begun.get('b:1')?.(ACKNOWLEDGED);

    expect(await outcomes).to.deep.equal([DEFERRED, DEFERRED, ACKNOWLEDGED, DEFERRED]);
    expect([...begun.keys()]).to.deep.equal(['a:1', 'b:1']);
  });

  it('does not let an event overtake one of its resource that is still under way from before', async () => {
    const { begun, sendEvent } = heldSends();
    const sender = createOrderedSender({ sendEvent, maxInFlight: 10 });
    void sender.send(eventOf('a', 1));
    sender.deferWaiting('down');

    void sender.send(eventOf('a', 2));
    await settled();
    const before = [...begun.keys()];
    begun.get('a:1')?.(ACKNOWLEDGED);
    await settled();

    expect(before).to.deep.equal(['a:1']);
    expect([...begun.keys()]).to.deep.equal(['a:1', 'a:2']);
  });
});
