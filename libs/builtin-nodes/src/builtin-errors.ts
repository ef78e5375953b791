import { AppError, ErrorReason, Status, type FieldViolation } from '@chain-processor/errors';

/** The config of a position does not fit the builtin node's schema. */
export class BuiltinConfigInvalidError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.NODE_CONFIG_INVALID;

  constructor(key: string, violations: readonly FieldViolation[]) {
    super(
      `the config does not fit the builtin node ${key}: ` +
        violations.map((violation) => `${violation.field}: ${violation.description}`).join('; '),
      { metadata: { builtin: key }, fieldViolations: violations },
    );
  }
}

/** What a builtin node would answer is longer than a text may be. */
export class BuiltinOutputTooLargeError extends AppError {
  readonly code = Status.FAILED_PRECONDITION;
  readonly reason = ErrorReason.NODE_OUTPUT_TOO_LARGE;

  constructor(key: string, limitBytes: number) {
    super(
      `the output of the builtin node ${key} would have more than ${limitBytes} bytes of UTF-8; shorten the input`,
      {
        metadata: { builtin: key, limit_bytes: String(limitBytes) },
      },
    );
  }
}
