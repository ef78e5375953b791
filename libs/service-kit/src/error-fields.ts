const MAX_DEPTH = 6;

/** An error as a log line shows it. */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  /** SQLSTATE, system error or library code. */
  readonly code?: string;
  readonly cause?: ErrorFields;
}

/**
 * Only what is listed here gets into a log. Errors of database drivers carry statements and their parameters as
 * properties, and those hold users' texts and password hashes.
 */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  // Sequelize keeps the driver's error as `parent`.
  const cause: unknown = error.cause ?? Reflect.get(error, 'parent');
  return {
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined || depth >= MAX_DEPTH ? {} : { cause: errorFields(cause, depth + 1) }),
  };
}
