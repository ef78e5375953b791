import { runMain } from '@chain-processor/service-kit';
import { loadExecutionConfig } from './config.js';
import { startExecution } from './service.js';

await runMain({ service: 'execution', loadConfig: () => loadExecutionConfig(), start: startExecution });
