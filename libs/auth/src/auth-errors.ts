import { Status } from 'nice-grpc-common';
import { AppError, ErrorReason } from '@chain-processor/errors';

/** The call needs an access token and brought none. */
export class TokenMissingError extends AppError {
  readonly code = Status.UNAUTHENTICATED;
  readonly reason = ErrorReason.TOKEN_MISSING;

  constructor() {
    super(
      'this method needs an access token: call AuthService.Login and send "authorization: Bearer <access_token>"',
    );
  }
}

/** The `authorization` metadata holds no readable bearer token. */
export class TokenMalformedError extends AppError {
  readonly code = Status.UNAUTHENTICATED;
  readonly reason = ErrorReason.TOKEN_MALFORMED;

  constructor(cause?: unknown) {
    super('the authorization metadata is not "Bearer " followed by a signed JWT', { cause });
  }
}

/** The access token was good and is past its end. */
export class TokenExpiredError extends AppError {
  readonly code = Status.UNAUTHENTICATED;
  readonly reason = ErrorReason.TOKEN_EXPIRED;

  constructor(cause?: unknown) {
    super('the access token has expired; get a new one with AuthService.RefreshToken or AuthService.Login', {
      cause,
    });
  }
}

/** The access token's signature, type, issuer or audience is not ours. */
export class TokenInvalidError extends AppError {
  readonly code = Status.UNAUTHENTICATED;
  readonly reason = ErrorReason.TOKEN_INVALID;

  constructor(cause?: unknown) {
    super('the access token was not issued for this system or was changed; log in again', { cause });
  }
}

/** The caller is known and may not do this. Answered before anything is looked up (AIP-211). */
export class PermissionDeniedError extends AppError {
  readonly code = Status.PERMISSION_DENIED;
  readonly reason = ErrorReason.PERMISSION_DENIED;

  constructor(action: string, required: string) {
    super(`permission denied for ${action}: it needs ${required}`, { metadata: { action, required } });
  }
}
