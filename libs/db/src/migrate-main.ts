import { logLine, runCommand } from './command.js';
import { readMigrateConfig } from './config.js';
import { migrate, readMigrationStatus } from './migrate.js';

await runCommand(async () => {
  const { command, ...target } = readMigrateConfig(process.argv.slice(2));
  if (command !== 'status') {
    const version = await migrate({ ...target, direction: command, log: logLine });
    logLine('database is migrated', { version });
    return;
  }
  logLine('migration status', { ...(await readMigrationStatus(target)) });
});
