export { startFakeCatalog, type FakeCatalog, type FakeStep } from './fake-catalog.js';
export {
  startFakeIdentity,
  type FakeIdentity,
  type FakeSignature,
  type FakeTokenOptions,
} from './fake-identity.js';
export { rawCall, withToken, type RawCallOptions } from './raw-call.js';
export { failureOf, type RpcFailure } from './rpc-failure.js';
export {
  createTestDatabase,
  migrationsDirectory,
  SERVICES_WITH_DATABASE,
  type ServiceWithDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.js';
export { stopTestServers, testServers, type TestServers } from './test-servers.js';
