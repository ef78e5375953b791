import { AppError, ErrorReason, Status } from '@chain-processor/errors';

/** E-mail and password do not match an active user; which of the three is wrong stays untold. */
export class CredentialsInvalidError extends AppError {
  readonly code = Status.UNAUTHENTICATED;
  readonly reason = ErrorReason.CREDENTIALS_INVALID;

  constructor() {
    super('e-mail and password do not match an active user');
  }
}

/** There is no user with this id. */
export class UserNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.USER_NOT_FOUND;

  constructor(userId: string) {
    super(`there is no user ${userId}`, { metadata: { user_id: userId } });
  }
}

/** Another user has the address. It is not repeated in the error, since errors are logged. */
export class EmailTakenError extends AppError {
  readonly code = Status.ALREADY_EXISTS;
  readonly reason = ErrorReason.EMAIL_TAKEN;

  constructor(options: { readonly cause?: unknown } = {}) {
    super('another user has this e-mail address; choose another address', options);
  }
}

/** The password breaks a rule for passwords, and nothing else is wrong with the request. */
export class PasswordTooWeakError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.PASSWORD_TOO_WEAK;

  /** @param field where the request has the password. */
  constructor(field: string, fault: string) {
    super(`${field} ${fault}`, { fieldViolations: [{ field, description: fault }] });
  }
}

/** Configuration and database do not belong together. No caller's mistake: the process must not serve. */
export class SigningKeyUnreadableError extends Error {
  constructor(kid: string, options: { readonly cause: unknown }) {
    super(
      `SIGNING_KEY_ENCRYPTION_KEY does not open the signing key ${kid} of this database; start with the value that the key ` +
        'was made with',
      options,
    );
    this.name = 'SigningKeyUnreadableError';
  }
}
