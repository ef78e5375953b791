export * as audit from './audit.js';
export * as catalog from './catalog.js';
export * as errors from './errors.js';
export * as events from './events.js';
export * as execution from './execution.js';
export * as identity from './identity.js';
