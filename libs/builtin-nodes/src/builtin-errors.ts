import { Status } from 'nice-grpc-common';
import { AppError, ErrorReason, type FieldViolation } from '@chain-processor/errors';

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
