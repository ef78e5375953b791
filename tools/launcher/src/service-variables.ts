import type { LocalNats } from '@chain-processor/local-stack';
import type { ServiceName } from './services.js';
import type { LocalSecrets } from './secrets.js';

export interface ServiceVariablesOptions {
  /** Variables that every service gets. */
  readonly common: NodeJS.ProcessEnv;
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly nats: LocalNats;
  readonly secrets: LocalSecrets;
  readonly admin: { readonly email: string; readonly password: string };
}

/** Where the services that a service calls are listening. */
export type Endpoints = Readonly<Partial<Record<ServiceName, string>>>;

/** The environment of one service: its own database, and only the secrets that it needs. */
export function serviceVariables(
  name: ServiceName,
  { common, databaseUrls, nats, secrets, admin }: ServiceVariablesOptions,
  endpoints: Endpoints,
): NodeJS.ProcessEnv {
  const shared = { ...common, DATABASE_URL: databaseUrls[name] };
  switch (name) {
    case 'identity':
      return {
        ...shared,
        SIGNING_KEY_ENCRYPTION_KEY: secrets.signingKeyEncryptionKey,
        BOOTSTRAP_ADMIN_EMAIL: admin.email,
        BOOTSTRAP_ADMIN_PASSWORD: admin.password,
        // Password hashes occupy threads that file system and DNS share.
        UV_THREADPOOL_SIZE: '8',
      };
    case 'catalog':
      return { ...shared, IDENTITY_TARGET: endpoints.identity };
    case 'execution':
      return {
        ...shared,
        IDENTITY_TARGET: endpoints.identity,
        CATALOG_TARGET: endpoints.catalog,
        NATS_URL: `nats://${nats.host}:${nats.port}`,
        NATS_USER: nats.user,
        NATS_PASSWORD: nats.password,
      };
  }
}
