import pg from 'pg';

/** What one service needs in the local PostgreSQL. */
export interface ServiceDatabase<Name extends string> {
  /** Names the URL in the result. */
  readonly name: Name;
  readonly database: string;
  /** The login role that owns the database, and nothing else. */
  readonly role: string;
  readonly password: string;
}

/** Serialises concurrent calls on one server; any constant that nobody else uses. */
const ADVISORY_LOCK_KEY = 7_204_113_905;

/**
 * Creates each service's login role and database, so that no service can connect to the database of another. Running it again
 * sets passwords and owners anew and leaves the data alone. Returns the connection URL of each service by its name.
 */
export async function createServiceDatabases<const Name extends string>({
  adminUrl,
  services,
}: {
  /** Logs in as a superuser. */
  readonly adminUrl: string;
  readonly services: readonly ServiceDatabase<Name>[];
}): Promise<Readonly<Record<Name, string>>> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    // A statement that fails must not leave a password in the server's log.
    await client.query('SET log_min_error_statement = panic');
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK_KEY]);
    for (const service of services) {
      await ensureRole(client, service);
      await ensureDatabase(client, service);
    }
  } finally {
    await client.end();
  }
  const urls = services.map((service) => [service.name, urlFor(adminUrl, service)] as const);
  // Object.fromEntries forgets the keys' type; every Name is there, because every service has one.
  return Object.fromEntries(urls) as Record<Name, string>;
}

async function ensureRole(client: pg.Client, { role, password }: ServiceDatabase<string>): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(role)} LOGIN PASSWORD ${client.escapeLiteral(password)} ` +
      'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
  );
}

async function ensureDatabase(client: pg.Client, service: ServiceDatabase<string>): Promise<void> {
  const database = client.escapeIdentifier(service.database);
  const role = client.escapeIdentifier(service.role);
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [service.database]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${role}`);
  else await client.query(`ALTER DATABASE ${database} OWNER TO ${role}`);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
}

function urlFor(adminUrl: string, { database, role, password }: ServiceDatabase<string>): string {
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
