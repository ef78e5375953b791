import { readHostEnvironment } from '../host/config.js';
import { runCommand } from '../process/run-command.js';

/** A server's version; `text` is what it calls itself, without the `v`. */
export interface NatsServerVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/** Debian 12's. Older ones lack JetStream features that the streams are declared with. */
export const OLDEST_USABLE = { major: 2, minor: 9 };

/** Asks a program for its version; undefined when it does not run or is no nats-server. */
export async function readNatsServerVersion(path: string): Promise<NatsServerVersion | undefined> {
  const { output } = await runCommand({
    command: path,
    args: ['--version'],
    env: readHostEnvironment().serverVariables,
    timeoutMs: 10_000,
  });
  const [, text, major, minor] = /^nats-server: v((\d+)\.(\d+)\.\S+)/m.exec(output) ?? [];
  if (text === undefined || major === undefined || minor === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), text };
}

/** Whether `version` is at least `major.minor`. */
export function isAtLeast(version: NatsServerVersion, oldest: { major: number; minor: number }): boolean {
  return version.major > oldest.major || (version.major === oldest.major && version.minor >= oldest.minor);
}
