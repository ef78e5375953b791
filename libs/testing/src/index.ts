export {
  createTestDatabase,
  migrationsDirectory,
  SERVICES_WITH_DATABASE,
  type ServiceWithDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.js';
export { stopTestServers, testServers, type TestServers } from './test-servers.js';
