import {
  BadRequest,
  ErrorInfo,
  RetryInfo,
  RichServerError,
  type ErrorDetails,
} from 'nice-grpc-error-details';
import { ErrorReason } from '@chain-processor/proto/errors';
import type { AppError, FieldViolation } from './app-error.js';

/** `ErrorInfo.domain` of every error of this system. */
export const ERROR_DOMAIN = 'chainprocessor';

/**
 * All of an error travels in HTTP/2 trailers. Clients bound those: grpc-java at 8 KiB, grpc-js at 64 KiB, and from a server that
 * sends more the call never ends and its connection is lost for every other call. The limits below add up to less than 8 KiB
 * as sent: the message may triple by percent-encoding, the details grow by a third as base64.
 */
const MAX_MESSAGE_BYTES = 500;
const MAX_METADATA_VALUE_BYTES = 200;
const MAX_FIELD_BYTES = 200;
const MAX_DESCRIPTION_BYTES = 400;
const MAX_VIOLATIONS_BYTES = 2_500;

/** The reason as it travels and as logs show it: `NODE_NOT_FOUND`, without the prefix that protobuf wants on enum values. */
export function reasonName(reason: ErrorReason): string {
  return reason.replace(/^ERROR_REASON_/, '');
}

const reasons = new Map(Object.values(ErrorReason).map((reason) => [reasonName(reason), reason]));

/** The reason of that name, as it came from a peer or out of a database; undefined for one that this release does not know. */
export function reasonOf(name: string): ErrorReason | undefined {
  return reasons.get(name);
}

/**
 * The only mapping from an application error to what travels: status, message, one `ErrorInfo`, and `BadRequest` and
 * `RetryInfo` where the error has them (AIP-193).
 *
 * Long texts are cut, and of many field violations the first ones are sent; metadata `omitted_violations` tells how many are not.
 */
export function toRpcError(error: AppError): RichServerError {
  const violations = boundedViolations(error.fieldViolations);
  const omitted = error.fieldViolations.length - violations.length;
  const details: ErrorDetails[] = [
    ErrorInfo.fromPartial({
      reason: reasonName(error.reason),
      domain: ERROR_DOMAIN,
      metadata: {
        ...boundedMetadata(error.metadata),
        ...(omitted === 0 ? {} : { omitted_violations: String(omitted) }),
      },
    }),
  ];
  if (violations.length > 0) details.push(BadRequest.fromPartial({ fieldViolations: violations }));
  if (error.retryDelayMs !== undefined) {
    details.push(
      RetryInfo.fromPartial({
        retryDelay: {
          seconds: Math.floor(error.retryDelayMs / 1_000),
          nanos: (error.retryDelayMs % 1_000) * 1_000_000,
        },
      }),
    );
  }
  return new RichServerError(error.code, cut(error.message, MAX_MESSAGE_BYTES), details);
}

function boundedMetadata(metadata: AppError['metadata']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, cut(value, MAX_METADATA_VALUE_BYTES)]),
  );
}

function boundedViolations(violations: readonly FieldViolation[]): FieldViolation[] {
  const sent: FieldViolation[] = [];
  let bytes = 0;
  for (const violation of violations) {
    const field = cut(violation.field, MAX_FIELD_BYTES);
    const description = cut(violation.description, MAX_DESCRIPTION_BYTES);
    bytes += Buffer.byteLength(field) + Buffer.byteLength(description);
    if (bytes > MAX_VIOLATIONS_BYTES) break;
    sent.push({ field, description });
  }
  return sent;
}

/** At most that many bytes of UTF-8, ending in an ellipsis when something is missing. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // A character that the cut went through decodes to U+FFFD.
  return `${bytes.toString('utf8', 0, maxBytes - 3).replace(/\uFFFD$/, '')}…`;
}
