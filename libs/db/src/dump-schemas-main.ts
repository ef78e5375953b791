import { logLine, runCommand } from './command.js';
import { readDumpSchemasConfig } from './config.js';
import { computeSchemaFiles, writeSchemaFiles } from './dump-schemas.js';

await runCommand(async () => {
  const { isCheck, ...options } = readDumpSchemasConfig(process.argv.slice(2));
  const files = await computeSchemaFiles(options);
  const stale = files.filter((file) => file.actual !== file.expected).map((file) => file.path);
  if (isCheck && stale.length > 0) {
    throw new Error(
      `${stale.join(', ')} does not fit the migrations: run this command without --check and review the change`,
    );
  }
  logLine(isCheck ? 'schema files fit the migrations' : 'schema files written', {
    files: isCheck ? files.length : await writeSchemaFiles(files),
  });
});
