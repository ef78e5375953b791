import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationRefusedError } from './migration-errors.js';

/** One numbered change of a schema, with the way back. */
export interface Migration {
  /** From 1 without gaps. */
  readonly version: number;
  /** `0001_create_users` */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** SHA-256 of the up file in hexadecimal. */
  readonly checksum: string;
  /**
   * Whether programs written for an earlier version can no longer work with the schema: the up file has a line
   * `-- breaking: why`. Such a migration comes last in expand, backfill, contract.
   */
  readonly isBreaking: boolean;
}

const FILE_NAME = /^((\d{4})_[a-z0-9]+(?:_[a-z0-9]+)*)\.(up|down)\.sql$/;
const GENERATED_FILE = 'schema.sql';

/**
 * Reads the `NNNN_name.up.sql` and `NNNN_name.down.sql` files of a directory in order.
 *
 * @throws MigrationRefusedError when a file is misnamed, a pair is incomplete, or numbers repeat or have a gap.
 */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const fileNames = (await readdir(directory)).filter(
    (name) => name.endsWith('.sql') && name !== GENERATED_FILE,
  );
  const directionsOf = new Map<string, Set<string>>();
  for (const fileName of fileNames) {
    const [, name, , direction] = FILE_NAME.exec(fileName) ?? [];
    if (name === undefined || direction === undefined) {
      throw new MigrationRefusedError(
        `${join(directory, fileName)} is no migration: the name must be like 0001_create_users.up.sql`,
      );
    }
    const directions = directionsOf.get(name) ?? new Set();
    directionsOf.set(name, directions.add(direction));
  }
  const names = [...directionsOf.keys()].sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(name.slice(0, 4));
      if (version !== index + 1) {
        throw new MigrationRefusedError(
          `${directory} has ${name} where number ${index + 1} is due: numbers start at 0001, without gap or repetition`,
        );
      }
      for (const direction of ['up', 'down']) {
        if (directionsOf.get(name)?.has(direction) !== true) {
          throw new MigrationRefusedError(`${join(directory, name)}.${direction}.sql is missing`);
        }
      }
      const up = await readFile(join(directory, `${name}.up.sql`), 'utf8');
      const down = await readFile(join(directory, `${name}.down.sql`), 'utf8');
      const checksum = createHash('sha256').update(up).digest('hex');
      return { version, name, up, down, checksum, isBreaking: /^-- breaking: \S/m.test(up) };
    }),
  );
}
