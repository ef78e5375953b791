// `export *` because the generated files are the list: names written out here could only lag behind the contracts.
export * from './gen/chainprocessor/identity/v1/auth_service.js';
export * from './gen/chainprocessor/identity/v1/jwk.js';
export * from './gen/chainprocessor/identity/v1/service_account.js';
export * from './gen/chainprocessor/identity/v1/service_account_service.js';
export * from './gen/chainprocessor/identity/v1/user.js';
export * from './gen/chainprocessor/identity/v1/user_service.js';
