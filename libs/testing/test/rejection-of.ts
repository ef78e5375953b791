/** The error that a promise rejects with; a promise that resolves, or rejects with something else, fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) throw new Error('the promise was expected to reject, and it resolved');
  if (!(outcome.error instanceof Error))
    throw new TypeError(`rejected with ${typeof outcome.error}, not an Error`);
  return outcome.error;
}
