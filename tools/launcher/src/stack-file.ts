import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from './private-file.js';

const serviceSchema = z.object({
  /** `127.0.0.1:50051` */
  endpoint: z.string(),
  pid: z.int(),
  databaseUrl: z.string(),
});

const stackSchema = z.object({
  /** The launcher; it ends when everything else has ended. */
  pid: z.int(),
  startTime: z.iso.datetime(),
  /** In the form of a LoginRequest. */
  admin: z.object({ email: z.string(), password: z.string() }),
  services: z.object({ identity: serviceSchema, catalog: serviceSchema, execution: serviceSchema }),
  postgres: z.object({ host: z.string(), port: z.int(), adminUrl: z.string(), pid: z.int() }),
  nats: z.object({
    /** With user and password in it, as the `nats` tool takes it. */
    url: z.string(),
    host: z.string(),
    port: z.int(),
    user: z.string(),
    password: z.string(),
    pid: z.int(),
  }),
});

/** Everything that a script needs to use a stack that is up. */
export type StackDescription = z.infer<typeof stackSchema>;

/** Where the description lies while the stack is up. */
export function stackFileIn(directory: string): string {
  return join(directory, 'stack.json');
}

export async function writeStackFile(directory: string, description: StackDescription): Promise<void> {
  await writePrivateJson(stackFileIn(directory), description);
}

export async function removeStackFile(directory: string): Promise<void> {
  await rm(stackFileIn(directory), { force: true });
}

/** The stack that is up in `directory`. A file that was left by a launcher that was killed does not count. */
export async function findRunningStack(directory: string): Promise<StackDescription | undefined> {
  const description = await readPrivateJson(stackFileIn(directory), stackSchema);
  if (description === undefined) return undefined;
  const { services, postgres, nats } = description;
  const processes = [description, postgres, nats, ...Object.values(services)];
  return processes.every(({ pid }) => isAlive(pid)) ? description : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Only a process that exists can be forbidden.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
