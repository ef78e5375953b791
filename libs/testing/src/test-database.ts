import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createServerDatabase, dropServerDatabase, migrate } from '@chain-processor/db';
import { testServers } from './test-servers.js';

/** The services that own a database. */
export const SERVICES_WITH_DATABASE = ['identity', 'catalog', 'execution'] as const;
export type ServiceWithDatabase = (typeof SERVICES_WITH_DATABASE)[number];

export interface TestDatabaseOptions {
  /** Whose migrations the database has; `empty` for none. */
  readonly service: ServiceWithDatabase | 'empty';
}

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, connections included. Close your pools first, or they report the loss. */
  drop(): Promise<void>;
}

const MIGRATIONS_ROOT = new URL('../../../../migrations/', import.meta.url);

/** Names of the migrated templates, by server and service. Kept as promises: files that ask at once share one migration. */
const templates = new Map<string, Promise<string>>();

/** The directory with the migrations of a service. */
export function migrationsDirectory(service: ServiceWithDatabase): string {
  return fileURLToPath(new URL(service, MIGRATIONS_ROOT));
}

/**
 * Makes a database for one test file. The migrations of a service run once per mocha run; each database is a copy, which
 * takes some 20 ms.
 */
export async function createTestDatabase({ service }: TestDatabaseOptions): Promise<TestDatabase> {
  const { adminUrl } = await testServers().postgres();
  const name = `test_${service}_${randomUUID()}`;
  const url = await createServerDatabase({
    adminUrl,
    name,
    ...(service === 'empty' ? {} : { template: await migratedTemplate(adminUrl, service) }),
  });
  return { url, drop: () => dropServerDatabase({ adminUrl, name }) };
}

function migratedTemplate(adminUrl: string, service: ServiceWithDatabase): Promise<string> {
  const key = `${adminUrl} ${service}`;
  const known = templates.get(key);
  if (known !== undefined) return known;
  const template = createTemplate(adminUrl, service);
  templates.set(key, template);
  return template;
}

async function createTemplate(adminUrl: string, service: ServiceWithDatabase): Promise<string> {
  const name = `template_${service}`;
  const url = await createServerDatabase({ adminUrl, name });
  await migrate({ url, directory: migrationsDirectory(service), direction: 'up', log: () => undefined });
  return name;
}
