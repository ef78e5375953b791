// Stands in for the runner: announces a frame of 4 GiB, so that the host would gather bytes for ever.
import { openFrames } from '../../../../runner/frames.ts';

const frames = await openFrames();
await frames.receive();
frames.send({ type: 'ready' });
for (let message = await frames.receive(); message?.type !== 'trip';) message = await frames.receive();
Deno.stdout.writeSync(new Uint8Array(36).fill(255));
await new Promise(() => {});
