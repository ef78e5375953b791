import { withServerConnection } from './server-connection.js';

export interface ServerDatabaseOptions {
  /** URL of any database of the server, with a role that may create databases. */
  readonly adminUrl: string;
  /** Name of the database to create or drop. */
  readonly name: string;
}

/**
 * Creates a database on the server and returns its URL, which uses the admin's role. For tests and tools.
 *
 * @param options.template name of a database to copy; nobody may be connected to it. Default: an empty database.
 */
export async function createServerDatabase(
  options: ServerDatabaseOptions & { readonly template?: string },
): Promise<string> {
  const { adminUrl, name, template = 'template0' } = options;
  await withServerConnection({ url: adminUrl, applicationName: 'create-database' }, (client) =>
    client.query(
      `create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)} encoding 'UTF8'`,
    ),
  );
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Drops a database, connections to it included. Does nothing when there is none of that name. */
export async function dropServerDatabase({ adminUrl, name }: ServerDatabaseOptions): Promise<void> {
  await withServerConnection({ url: adminUrl, applicationName: 'drop-database' }, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
}
