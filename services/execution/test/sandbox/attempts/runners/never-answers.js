// Stands in for the runner: takes a trip and never says a word about it.
import { openFrames } from '../../../../runner/frames.ts';

const frames = await openFrames();
await frames.receive();
frames.send({ type: 'ready' });
while (await frames.receive());
