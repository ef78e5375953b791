import { type Frames, openFrames } from './frames.ts';
import { IsolatePool } from './isolate-pool.ts';
import { TripRunner } from './trip-runner.ts';
import type { HostMessage } from '../src/sandbox/runner-message.ts';

// The trusted program that runs in a Deno process without any permission, one process per owner. It passes trips from the
// host to isolates and outcomes back. User code arrives as data and is only ever loaded inside an isolate: in this realm,
// where the keys of the channel are, nothing that users wrote is evaluated.
//
// Whatever breaks a promise of the protocol ends the process; the host makes a clear failure of it. `Deno.exit` and not the
// end of the event loop, which Deno does not reach while an isolate is in an endless loop.

const EXIT_HOST_GONE = 0;
const EXIT_BROKEN = 70;

async function main(): Promise<void> {
  const frames = await openFrames();
  const first = await frames.receive();
  if (first?.type !== 'configure') throw new TypeError('the first message must configure the runner');

  const isolates = new IsolatePool(first);
  const trips = new TripRunner({ isolates, send: (message) => frames.send(message) });
  frames.send({ type: 'ready' });
  await serve(frames, isolates, trips);
}

async function serve(frames: Frames, isolates: IsolatePool, trips: TripRunner): Promise<void> {
  for (let message = await frames.receive(); message !== undefined; message = await frames.receive()) {
    handle(message, isolates, trips);
  }
}

function handle(message: HostMessage, isolates: IsolatePool, trips: TripRunner): void {
  switch (message.type) {
    case 'load':
      isolates.load(message.codeId, message.moduleUrl);
      break;
    case 'unload':
      isolates.unload(message.codeId);
      break;
    case 'trip':
      trips.start(message);
      break;
    case 'cancel':
      trips.cancel(message.tripId);
      break;
    default:
      throw new TypeError(`unexpected message ${message.type}`);
  }
}

function fail(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  Deno.exit(EXIT_BROKEN);
}

globalThis.addEventListener('unhandledrejection', (event) => fail(event.reason));
try {
  await main();
} catch (error) {
  fail(error);
}
// The host closed the channel, or was killed: a runner never outlives it.
Deno.exit(EXIT_HOST_GONE);
