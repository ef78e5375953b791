import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, createServerDatabase, migrate, type Database } from '@chain-processor/db';
import { startNats, startPostgres, type LocalNats, type LocalPostgres } from '@chain-processor/local-stack';
import { v7 as newId } from 'uuid';
import { connectNats, type EventsLog, type NatsLink } from '../src/index.js';

const MIGRATIONS = fileURLToPath(new URL('../../../../migrations/execution', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/chain-processor', import.meta.url));

/** One line that the code under test wrote. */
export interface WrittenLine {
  readonly level: keyof EventsLog;
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines. */
export function recordingLog(): EventsLog & { readonly lines: readonly WrittenLine[] } {
  const lines: WrittenLine[] = [];
  const write = (level: keyof EventsLog) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A nats-server of its own that a test can stop and start at the same address. */
export class TestNats {
  readonly #folder: string;
  readonly #closers: (() => Promise<void>)[] = [];
  #server: LocalNats;
  #generation = 0;

  private constructor(folder: string, server: LocalNats) {
    this.#folder = folder;
    this.#server = server;
  }

  static async start(): Promise<TestNats> {
    const folder = await mkdtemp(join(tmpdir(), 'chain-processor-events-'));
    return new TestNats(folder, await startServer(join(folder, 'store-0')));
  }

  async stopServer(): Promise<void> {
    await this.#server.stop();
  }

  /** Starts the server again; `isWiped` with an empty disk. The address stays, and with it the password. */
  async startServer({ isWiped = false }: { isWiped?: boolean } = {}): Promise<void> {
    if (isWiped) await rm(join(this.#folder, `store-${this.#generation}`), { recursive: true });
    this.#server = await startServer(join(this.#folder, `store-${this.#generation}`), this.#server.port);
  }

  /** Opens a link that is closed after the test. Resolves before it is connected when `isUp` is false. */
  async connect({
    isUp = true,
    log = recordingLog(),
  }: { isUp?: boolean; log?: EventsLog } = {}): Promise<NatsLink> {
    const link = await connectNats({
      url: this.#server.url,
      name: 'test',
      waitForFirstConnection: isUp,
      log,
      onClosed: (error) => {
        throw error ?? new Error('the connection to NATS closed');
      },
    });
    this.onTestEnd(() => link.close());
    return link;
  }

  /** Closes the test's things, newest first, in `endTest`. */
  onTestEnd(close: () => Promise<void> | void): void {
    this.#closers.push(async () => close());
  }

  async endTest(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true });
  }
}

function startServer(storeDirectory: string, preferredPort?: number): Promise<LocalNats> {
  return startNats({
    storeDirectory,
    cacheDirectory: CACHE,
    fsync: false,
    log: () => undefined,
    ...(preferredPort === undefined ? {} : { preferredPort }),
  });
}

/** A PostgreSQL of its own with one database that has the outbox. */
export interface TestPostgres {
  readonly database: Database;
  close(): Promise<void>;
}

/** Starts a {@link TestPostgres}. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'chain-processor-events-'));
  const server: LocalPostgres = await startPostgres({
    dataDirectory: join(folder, 'data'),
    persistent: false,
    fsync: false,
    log: () => undefined,
  });
  const url = await createServerDatabase({ adminUrl: server.adminUrl, name: 'events' });
  await migrate({ url, directory: MIGRATIONS, direction: 'up', log: () => undefined });
  const database = createDatabase({ url, applicationName: 'events-test', poolMax: 5 });
  return {
    database,
    async close() {
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves once `condition` holds, and fails when that takes longer than `timeoutMs`. */
export async function eventually(
  description: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export { newId };
