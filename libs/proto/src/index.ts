export * as catalog from './catalog.js';
export * as errors from './errors.js';
export * as identity from './identity.js';
