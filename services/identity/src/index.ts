export { loadIdentityConfig, type IdentityConfig } from './config.js';
export { startIdentity, type StartIdentityOptions } from './service.js';
