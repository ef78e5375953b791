const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 20;

/** Resolves with the first value that `look` gives and `isWanted` takes; fails when that does not happen in time. */
export async function eventually<Value>(
  look: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<Value> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (isWanted(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`still not as wanted after ${patienceMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
