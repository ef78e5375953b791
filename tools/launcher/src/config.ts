import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readConfig, serverConfigShape } from '@chain-processor/service-kit';

/** The root of the checkout, seen from `tools/launcher/dist/src`. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

const launcherConfigSchema = z.object({
  BOOTSTRAP_ADMIN_EMAIL: z
    .string()
    .default('admin@chain-processor.local')
    .describe('The admin that the first start makes and every start logs in as.'),
  ADMIN_PASSWORD: z
    .string()
    .optional()
    .describe(
      'Password of that admin. Default: the one of the first start, which is random unless given then.',
    ),
  LOCAL_DIRECTORY: z
    .string()
    .default(`${REPOSITORY_ROOT}.local`)
    .transform((path) => resolve(path))
    .describe('Where data, logs and secrets are kept.'),
  LOG_LEVEL: serverConfigShape.LOG_LEVEL.describe('Least severe log lines that the services write.'),
  npm_lifecycle_event: z.string().optional().describe('Set by npm when it runs this program.'),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin').describe('Handed to the services.'),
  TMPDIR: z.string().default('/tmp').describe('Handed to the services.'),
});

export type LauncherConfig = Readonly<z.output<typeof launcherConfigSchema>>;

/** @throws ConfigError with every fault. */
export function loadLauncherConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LauncherConfig {
  return readConfig(launcherConfigSchema, environment);
}
