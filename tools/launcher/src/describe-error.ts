import { RpcError } from '@chain-processor/client';

/** An error and what led to it, for a person: one line each, without stack traces. */
export function describeError(error: unknown): string {
  const lines = new Set(withCauses(error).map(describeLink));
  return [...lines].join('\n  caused by: ');
}

function withCauses(error: unknown): unknown[] {
  // Behind an RpcError stands only the same in the words of the transport.
  if (!(error instanceof Error) || error instanceof RpcError || error.cause === undefined) return [error];
  return [error, ...withCauses(error.cause)];
}

function describeLink(link: unknown): string {
  if (link instanceof RpcError) return `${link.method} failed with ${link.reason}: ${link.message}`;
  return link instanceof Error ? link.message : String(link);
}
