import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` again and again until it answers true or `timeoutMs` have passed; returns its last answer.
 * The pause grows from 10 to 200 ms: what is fast is seen at once, what is slow is not disturbed.
 */
export async function waitUntil({
  condition,
  timeoutMs,
}: {
  readonly condition: () => boolean | Promise<boolean>;
  readonly timeoutMs: number;
}): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, 200)) {
    if (await condition()) return true;
    if (Date.now() >= deadline) return false;
    await delay(pauseMs);
  }
}
