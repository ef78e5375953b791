import { runMain } from '@chain-processor/service-kit';
import { loadCatalogConfig } from './config.js';
import { startCatalog } from './service.js';

await runMain({ service: 'catalog', loadConfig: () => loadCatalogConfig(), start: startCatalog });
