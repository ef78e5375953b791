import type { CallContext } from 'nice-grpc-common';
import type { AuthContext } from '@chain-processor/auth';
import type { Logger } from './logger.js';

/** What the kit adds to every call's context before the handler sees it. */
export interface RequestContextExtension extends AuthContext {
  /** From the caller's `x-request-id`, else made here; it is answered in the response header and logged. */
  readonly requestId: string;
  /** Carries the request id and the method. */
  readonly logger: Logger;
}

/**
 * The context of a call as handlers get it. Its `signal` aborts when the caller goes away, when the deadline passes, and for
 * streams when the server shuts down.
 */
export type RequestContext = CallContext & RequestContextExtension;
