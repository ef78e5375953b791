export { loadExecutionConfig, type ExecutionConfig } from './config.js';
export { startExecution, type StartExecutionServiceOptions } from './service.js';
