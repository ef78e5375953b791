// Stands in for the runner: does all it should, then writes a success to stdout without the key, as user code would that
// had broken out of its isolate.
import { openFrames } from '../../../../runner/frames.ts';

const frames = await openFrames();
await frames.receive();
frames.send({ type: 'ready' });
for (let message = await frames.receive(); message?.type !== 'trip';) message = await frames.receive();
const outcome = { kind: 'success', outputText: 'ESCAPED', durationMs: 1 };
const payload = new TextEncoder().encode(
  JSON.stringify({ type: 'step', tripId: 1, index: 0, outcome, isTainted: false }),
);
const frame = new Uint8Array(36 + payload.length);
new DataView(frame.buffer).setUint32(0, payload.length);
frame.set(payload, 36);
Deno.stdout.writeSync(frame);
await new Promise(() => {});
