// `export *` because the generated files are the list: names written out here could only lag behind the contracts.
export * from './gen/chainprocessor/audit/v1/audit_entry.js';
export * from './gen/chainprocessor/audit/v1/audit_service.js';
