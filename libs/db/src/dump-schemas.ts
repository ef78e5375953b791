import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpSchema } from './dump-schema.js';
import { migrate } from './migrate.js';
import { createServerDatabase, dropServerDatabase } from './server-databases.js';

export interface DumpSchemasOptions {
  /** URL of any database of a server where scratch databases may be created. */
  readonly adminUrl: string;
  /** Directory with one directory of migrations per service. */
  readonly root: string;
}

/** What `schema.sql` of one service should be and what it is. */
export interface SchemaFile {
  readonly path: string;
  readonly expected: string;
  /** `undefined` when there is no such file. */
  readonly actual: string | undefined;
}

/** Migrates a scratch database per service from nothing and describes it; leaves no database behind. */
export async function computeSchemaFiles({
  adminUrl,
  root,
}: DumpSchemasOptions): Promise<readonly SchemaFile[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const services = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const files: SchemaFile[] = [];
  for (const service of services.sort()) {
    const directory = join(root, service);
    const path = join(directory, 'schema.sql');
    files.push({
      path,
      expected: await dumpOf(adminUrl, directory, service),
      actual: await readIfThere(path),
    });
  }
  return files;
}

/** Writes the files that differ and returns their paths. */
export async function writeSchemaFiles(files: readonly SchemaFile[]): Promise<readonly string[]> {
  const stale = files.filter((file) => file.actual !== file.expected);
  await Promise.all(stale.map((file) => writeFile(file.path, file.expected)));
  return stale.map((file) => file.path);
}

async function dumpOf(adminUrl: string, directory: string, service: string): Promise<string> {
  const name = `schema_dump_${service}_${randomUUID()}`;
  const url = await createServerDatabase({ adminUrl, name });
  try {
    await migrate({ url, directory, direction: 'up', log: () => undefined });
    return await dumpSchema({ url });
  } finally {
    await dropServerDatabase({ adminUrl, name });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
