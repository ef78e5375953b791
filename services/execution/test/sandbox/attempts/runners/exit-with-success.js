// Stands in for the runner: ends with the exit code of success in the middle of a trip.
import { openFrames } from '../../../../runner/frames.ts';

const frames = await openFrames();
await frames.receive();
frames.send({ type: 'ready' });
for (let message = await frames.receive(); message?.type !== 'trip';) message = await frames.receive();
Deno.exit(0);
