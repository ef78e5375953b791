// `export *` because the generated files are the list: names written out here could only lag behind the contracts.
export * from './gen/chainprocessor/events/v1/catalog_events.js';
export * from './gen/chainprocessor/events/v1/execution_events.js';
export * from './gen/chainprocessor/events/v1/identity_events.js';
