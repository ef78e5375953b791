import { join } from 'node:path';
import { migrate } from '@chain-processor/db';
import { createServiceDatabases, type LogLine } from '@chain-processor/local-stack';
import { REPOSITORY_ROOT } from './config.js';
import type { LocalSecrets } from './secrets.js';
import { SERVICE_NAMES, type ServiceName } from './services.js';

/** Gives each service a database and a login role of its own and migrates it; returns the URLs. Safe to run at every start. */
export async function prepareDatabases({
  adminUrl,
  secrets,
  log,
}: {
  readonly adminUrl: string;
  readonly secrets: LocalSecrets;
  readonly log: LogLine;
}): Promise<Readonly<Record<ServiceName, string>>> {
  const urls = await createServiceDatabases({
    adminUrl,
    services: SERVICE_NAMES.map((name) => ({
      name,
      database: name,
      role: name,
      password: secrets.databasePasswords[name],
    })),
  });
  const versions = await Promise.all(SERVICE_NAMES.map((name) => migrateService(name, urls[name])));
  log(`Databases are migrated: ${versions.join(', ')}`);
  return urls;
}

async function migrateService(name: ServiceName, url: string): Promise<string> {
  const directory = join(REPOSITORY_ROOT, 'migrations', name);
  const version = await migrate({ url, directory, direction: 'up', log: () => undefined });
  return `${name} ${version}`;
}
