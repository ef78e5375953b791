import { runMain } from '@chain-processor/service-kit';
import { loadExecutionConfig } from './config.js';
import { startExecutionService } from './service.js';

await runMain({
  service: 'execution',
  loadConfig: () => loadExecutionConfig(),
  start: startExecutionService,
});
