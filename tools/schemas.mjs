// Writes migrations/<service>/schema.sql from the migrations, on a throw-away PostgreSQL; with --check compares instead.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@chain-processor/local-stack';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = await mkdtemp(join(tmpdir(), 'chain-processor-schemas-'));
const postgres = await startPostgres({
  dataDirectory: join(directory, 'postgres'),
  persistent: false,
  fsync: false,
  log: () => undefined,
});
try {
  const { status } = spawnSync(
    process.execPath,
    ['libs/db/dist/src/dump-schemas-main.js', ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        DATABASE_ADMIN_URL: postgres.adminUrl,
        MIGRATIONS_ROOT: join(root, 'migrations'),
      },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
