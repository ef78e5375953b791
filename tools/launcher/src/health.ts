import { ClientError, createChannel, createClient } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';

const ANSWER_TIMEOUT_MS = 1_000;
/** The value in grpc.health.v1; the package does not export the enum. */
const SERVING = 1;

/** Asks a gRPC server whether it is ready, again and again over one connection. */
export interface HealthProbe {
  /** False as long as there is no answer or the answer is another one than SERVING. */
  isServing(): Promise<boolean>;
  close(): void;
}

/** Makes a {@link HealthProbe} that speaks `grpc.health.v1`. */
export function createHealthProbe(endpoint: string): HealthProbe {
  const channel = createChannel(endpoint, undefined, {
    'grpc.enable_http_proxy': 0,
    // The default waits a second after the first refused connection, which every start would pay.
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const health = createClient(HealthDefinition, channel);
  return {
    async isServing() {
      try {
        const { status } = await health.check(
          { service: '' },
          { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) },
        );
        const value: number = status;
        return value === SERVING;
      } catch (error) {
        if (error instanceof ClientError || (error instanceof Error && error.name === 'AbortError'))
          return false;
        throw error;
      }
    },
    close: () => channel.close(),
  };
}
