import { createLogger, type Logger } from './logger.js';
import { ConfigError } from './read-config.js';
import type { RunningService } from './start-service.js';
import type { ServerConfig } from './server-config.js';

/** A stop that takes this much longer than the calls' grace period is cut off. */
const CLOSE_MARGIN_MS = 5_000;

export interface RunMainOptions<Config extends ServerConfig> {
  /** Which service this is: `identity`, `catalog`, `execution`. */
  readonly service: string;
  readonly loadConfig: () => Config;
  readonly start: (options: { config: Config; logger: Logger }) => Promise<RunningService>;
}

/**
 * The life of a service process: read the configuration, start, stop on SIGTERM or SIGINT.
 *
 * Exit codes: 0 after a clean stop, 1 when it could not start, met an error outside any call, or did not stop in time, 2 when
 * the configuration is unusable.
 */
export async function runMain<Config extends ServerConfig>({
  service,
  loadConfig,
  start,
}: RunMainOptions<Config>): Promise<void> {
  const config = configOrExit(service, loadConfig);
  const logger = createLogger({ service, level: config.LOG_LEVEL });

  const die = (message: string) => (error: unknown) => {
    logger.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', die('uncaught exception'));
  process.on('unhandledRejection', die('unhandled rejection'));

  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    // Not `once`: the same signal can come twice, and without a listener the second one would end the process at once.
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });

  try {
    const running = await start({ config, logger });
    const signal = await signalled;
    logger.info({ signal }, 'stopping');
    setTimeout(die('did not stop in time'), config.SHUTDOWN_GRACE_MS + CLOSE_MARGIN_MS).unref();
    await running.stop();
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    die('could not start')(error);
  }
}

function configOrExit<Config>(service: string, loadConfig: () => Config): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLogger({ service, level: 'fatal' }).fatal(
      { faults: error.faults },
      'the configuration is unusable',
    );
    process.exit(2);
  }
}
