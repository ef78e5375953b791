import { Metadata, createChannel, createClientFactory } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';

/** A call of bytes that no generated client would send. */
export interface RawCallOptions {
  /** `host:port`. */
  readonly target: string;
  /** Full path of a unary method, such as `/chainprocessor.catalog.v1.NodeService/GetNode`. */
  readonly methodPath: string;
  /** What is sent as the request message. */
  readonly request: Uint8Array;
  /** Default: no token. */
  readonly token?: string;
}

const sameBytes = (bytes: Uint8Array): Uint8Array => bytes;

/** Sends the bytes as they are and gives those of the response; rejects with the client error when the call fails. */
export async function rawCall({ target, methodPath, request, token }: RawCallOptions): Promise<Uint8Array> {
  const channel = createChannel(target);
  try {
    const client = createClientFactory()
      .use(errorDetailsClientMiddleware)
      .create(
        {
          call: {
            path: methodPath,
            requestStream: false,
            responseStream: false,
            requestSerialize: sameBytes,
            requestDeserialize: sameBytes,
            responseSerialize: sameBytes,
            responseDeserialize: sameBytes,
            options: {},
          },
        },
        channel,
      );
    return await client.call(request, token === undefined ? {} : withToken(token));
  } finally {
    channel.close();
  }
}

/** Call options that carry an access token. */
export function withToken(token: string): { readonly metadata: Metadata } {
  return { metadata: Metadata({ authorization: `Bearer ${token}` }) };
}
