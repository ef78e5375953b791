import { runMain } from '@chain-processor/service-kit';
import { loadIdentityConfig } from './config.js';
import { startIdentity } from './service.js';

await runMain({ service: 'identity', loadConfig: () => loadIdentityConfig(), start: startIdentity });
