export { loadCatalogConfig, type CatalogConfig } from './config.js';
export { startCatalog, type StartCatalogOptions } from './service.js';
