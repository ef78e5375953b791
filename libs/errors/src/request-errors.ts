import { Status } from 'nice-grpc-common';
import { ErrorReason } from '@chain-processor/proto/errors';
import { AppError, type FieldViolation } from './app-error.js';

/** One or more fields of the request break a rule; all violations that were found come together. */
export class FieldInvalidError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.FIELD_INVALID;

  constructor(violations: readonly FieldViolation[]) {
    super(violations.map((violation) => `${violation.field}: ${violation.description}`).join('; '), {
      fieldViolations: violations,
      metadata: { fields: violations.map((violation) => violation.field).join(',') },
    });
  }
}

/** The bytes of the request are no valid message of its type. */
export class RequestMalformedError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.REQUEST_MALFORMED;

  constructor(cause: unknown) {
    super(
      'the request is not a valid protobuf message of its type; strings must be valid UTF-8 without lone surrogates, ' +
        'and client and server must use the same proto files',
      { cause },
    );
  }
}

/** The request's metadata is larger than the server reads. */
export class MetadataTooLargeError extends AppError {
  readonly code = Status.RESOURCE_EXHAUSTED;
  readonly reason = ErrorReason.METADATA_TOO_LARGE;

  constructor(sizeBytes: number, limitBytes: number) {
    super(
      `the request's metadata has ${sizeBytes} bytes and at most ${limitBytes} are read; send fewer or shorter keys`,
      {
        metadata: { size_bytes: String(sizeBytes), limit_bytes: String(limitBytes) },
      },
    );
  }
}

/** A page token was changed, or comes from a list with other filters. */
export class PageTokenInvalidError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.PAGE_TOKEN_INVALID;

  constructor() {
    super(
      'page_token is not the next_page_token of a list with the same filters; begin again with an empty one',
      {
        fieldViolations: [
          { field: 'page_token', description: 'must be the next_page_token of the same list, or empty' },
        ],
      },
    );
  }
}

/** A `request_id` came a second time with another request body. */
export class RequestIdReusedError extends AppError {
  readonly code = Status.ALREADY_EXISTS;
  readonly reason = ErrorReason.REQUEST_ID_REUSED;

  constructor(requestId: string) {
    super(`request_id ${requestId} was used before with another request; use a new UUID for a new request`, {
      metadata: { request_id: requestId },
    });
  }
}

/** The method is part of the contract and not built yet. */
export class MethodNotImplementedError extends AppError {
  readonly code = Status.UNIMPLEMENTED;
  readonly reason = ErrorReason.METHOD_NOT_IMPLEMENTED;

  constructor(methodPath: string) {
    super(`${methodPath} is not available in this release`, { metadata: { method: methodPath } });
  }
}
