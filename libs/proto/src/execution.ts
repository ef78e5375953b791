// `export *` because the generated files are the list: names written out here could only lag behind the contracts.
export * from './gen/chainprocessor/execution/v1/execution.js';
export * from './gen/chainprocessor/execution/v1/execution_service.js';
export * from './gen/chainprocessor/execution/v1/execution_stats.js';
export * from './gen/chainprocessor/execution/v1/run_executions.js';
