// `export *` because the generated files are the list: names written out here could only lag behind the contracts.
export * from './gen/chainprocessor/catalog/v1/node.js';
export * from './gen/chainprocessor/catalog/v1/node_service.js';
export * from './gen/chainprocessor/catalog/v1/plan.js';
export * from './gen/chainprocessor/catalog/v1/strategy.js';
export * from './gen/chainprocessor/catalog/v1/strategy_manifest.js';
export * from './gen/chainprocessor/catalog/v1/strategy_service.js';
