// `export *` because the generated file is the list: names written out here could only lag behind the contract.
export * from './gen/chainprocessor/errors/v1/error_reason.js';
