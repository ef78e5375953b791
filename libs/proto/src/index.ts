export * as errors from './errors.js';
export * as identity from './identity.js';
