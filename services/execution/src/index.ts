export { loadExecutionConfig, type ExecutionConfig } from './config.js';
export { startExecutionService, type StartExecutionServiceOptions } from './service.js';
