// Starts a worker of its own through node:worker_threads.
import { Worker } from 'node:worker_threads';

export default () => `ESCAPED ${new Worker('while (true);', { eval: true }).threadId}`;
