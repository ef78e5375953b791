import pg from 'pg';
import type { SequelizeOptions } from 'sequelize-typescript';

/** Bounds on every wait for the database, each in milliseconds. No wait is unbounded. */
export interface DatabaseTimeouts {
  /** TCP, TLS and authentication of a new connection. Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Wait for a free connection of the pool. Default 5,000. */
  readonly acquireTimeoutMs?: number;
  /** One statement, enforced by the server. Default 5,000. */
  readonly statementTimeoutMs?: number;
  /** One lock, enforced by the server. Default 3,000. */
  readonly lockTimeoutMs?: number;
  /**
   * The answer to one statement, enforced here; only this notices a peer that vanished without closing the connection
   * (https://github.com/brianc/node-postgres/issues/2973). Longer than `statementTimeoutMs`. Default 8,000.
   */
  readonly queryTimeoutMs?: number;
  /** Silence inside a transaction, enforced by the server: frees the locks of a process that hangs. Default 10,000. */
  readonly idleInTransactionTimeoutMs?: number;
}

/** Certificates in PEM. The server's certificate and host name are always verified. */
export interface DatabaseTls {
  /** The authority that signed the server's certificate. Default: the authorities that Node trusts. */
  readonly certificateAuthority?: string;
  /** This client's certificate and key, when the server asks for one. */
  readonly certificate?: string;
  readonly privateKey?: string;
}

export interface ConnectionSettings extends DatabaseTimeouts {
  readonly url: string;
  readonly applicationName: string;
  readonly poolMax: number;
  readonly tls?: DatabaseTls;
  readonly onConnectionError?: (error: Error) => void;
}

/** The part of Sequelize's options that says how to reach the server and how long to wait for it. */
export function connectionOptions(settings: ConnectionSettings): SequelizeOptions {
  const address = parseDatabaseUrl(settings.url);
  const { statementTimeoutMs = 5_000, queryTimeoutMs = 8_000 } = settings;
  if (queryTimeoutMs <= statementTimeoutMs) {
    throw new RangeError(
      `queryTimeoutMs (${queryTimeoutMs}) must be greater than statementTimeoutMs (${statementTimeoutMs}), or a slow ` +
        'statement costs its connection',
    );
  }
  return {
    dialect: 'postgres',
    dialectModule: dialectModule(settings.onConnectionError),
    ...address,
    pool: {
      max: settings.poolMax,
      min: 0,
      idle: 30_000,
      acquire: settings.acquireTimeoutMs ?? 5_000,
    },
    dialectOptions: {
      application_name: settings.applicationName,
      keepAlive: true,
      connectionTimeoutMillis: settings.connectTimeoutMs ?? 3_000,
      statement_timeout: statementTimeoutMs,
      query_timeout: queryTimeoutMs,
      lock_timeout: settings.lockTimeoutMs ?? 3_000,
      idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs ?? 10_000,
      // Said once per connection: told of an isolation level, Sequelize would send it in a round trip of its own per transaction.
      options: '-c default_transaction_isolation=read\\ committed',
      ...(settings.tls === undefined ? {} : { ssl: tlsOptions(settings.tls) }),
    },
  };
}

/**
 * Reads `postgres://user:password@host:port/database`.
 *
 * @throws TypeError when a part is missing or there are parameters behind `?`; the message never holds the password.
 */
export function parseDatabaseUrl(text: string): {
  host: string;
  port: number;
  username: string;
  password: string;
  database: string;
} {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = decodeURIComponent(url?.pathname.slice(1) ?? '');
  if (
    url === undefined ||
    !['postgres:', 'postgresql:'].includes(url.protocol) ||
    url.hostname === '' ||
    url.username === '' ||
    database === ''
  ) {
    throw new TypeError('the database URL must have the form postgres://user:password@host:port/database');
  }
  if (url.search !== '') {
    throw new TypeError(
      'the database URL must not have parameters behind "?"; TLS and timeouts are options of their own',
    );
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
  };
}

/** TLS options of pg: a certificate that does not fit the host is refused. */
export function tlsOptions(tls: DatabaseTls): Record<string, unknown> {
  return {
    rejectUnauthorized: true,
    ...(tls.certificateAuthority === undefined ? {} : { ca: tls.certificateAuthority }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.privateKey === undefined ? {} : { key: tls.privateKey }),
  };
}

/**
 * A `pg` whose clients listen for 'error' from their first moment. Sequelize listens only after a connection has been set up,
 * and an 'error' event without a listener ends the process (https://github.com/sequelize/sequelize/issues/12474).
 */
function dialectModule(onConnectionError: ((error: Error) => void) | undefined): object {
  class ListeningClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      // Keepalive probes start after 10 s of silence and not after the operating system's two hours.
      super({ ...config, keepAliveInitialDelayMillis: 10_000 });
      this.on('error', (error) => onConnectionError?.(error));
    }
  }
  return { Client: ListeningClient, types: pg.types };
}
