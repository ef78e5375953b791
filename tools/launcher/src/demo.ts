import { DEMO_TEXT, runLauncher } from './run-launcher.js';
import { runDemo } from './run-demo.js';
import { findRunningStack } from './stack-file.js';
import { withStack } from './with-stack.js';

// `npm run demo -- "any text"`: the demo chain once, on the stack that is up or else on one of its own.
await runLauncher(async ({ config, stop, terminal }) => {
  const [text = DEMO_TEXT, ...rest] = process.argv.slice(2);
  if (rest.length > 0) throw new Error('give the text as one argument: npm run demo -- "any text"');
  const use = { text, terminal, signal: stop.signal };
  const running = await findRunningStack(config.LOCAL_DIRECTORY);
  const { outputText } =
    running === undefined
      ? await withStack({ config, stop, terminal }, (stack) => runDemo({ ...use, stack }))
      : await runDemo({ ...use, stack: running });
  terminal.line();
  // Nothing follows: scripts read the last line.
  terminal.line(outputText);
});
