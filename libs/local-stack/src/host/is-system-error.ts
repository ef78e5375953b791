/** Whether `error` is the system error with that code (`ENOENT`, `EEXIST`, ...). */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
