import { RpcError } from '@chain-processor/client';
import { callingGuide } from './calling-guide.js';
import { describeError } from './describe-error.js';
import { runDemo } from './run-demo.js';
import { DEMO_TEXT, runLauncher } from './run-launcher.js';
import { withStack } from './with-stack.js';

// `npm start`: everything up, the demo chain once, and then up until Ctrl-C.
await runLauncher(async ({ config, stop, terminal }) =>
  withStack({ config, stop, terminal }, async (stack) => {
    try {
      await runDemo({ stack, text: DEMO_TEXT, terminal, signal: stop.signal });
    } catch (error) {
      const isLoginRefused = error instanceof RpcError && error.reason === 'CREDENTIALS_INVALID';
      if (isLoginRefused || stop.signal.aborted) throw error;
      // Someone may have changed the demo's nodes or strategy; the system is up all the same.
      terminal.error(`\nThe demo failed: ${describeError(error)}`);
    }
    for (const line of callingGuide(stack, config.LOCAL_DIRECTORY)) terminal.line(line);
    terminal.line('\nCtrl-C stops it.');
    await stop.requested;
  }),
);
