export { runDemo, DemoFailedError } from './run-demo.js';
export { recordEvents, type EventRecorder } from './event-recorder.js';
export type { ServiceName } from './services.js';
export { startStack, type LocalStack, type StartStackOptions } from './stack.js';
export type { StackDescription } from './stack-file.js';
export type { Terminal } from './terminal.js';
