import { createChannel, type Channel } from 'nice-grpc';

/** One channel per target, shared by all services that are served there. */
export interface Channels {
  /** `host:port` and `dns:///name:port` without TLS, `https://host:port` with TLS and the system's authorities. */
  to(target: string): Channel;
  close(): void;
}

const OPTIONS = {
  // All addresses of the name are used, and a connection whose peer has vanished is noticed within 25 seconds.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // The default waits up to two minutes before it connects to a service again that was down for a while.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  'grpc.enable_channelz': 0,
};

const LOOPBACK = /^(?:https?:\/\/)?(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/;

/** Opens channels on demand; nothing is connected before the first call. */
export function createChannels(): Channels {
  const channels = new Map<string, Channel>();
  return {
    to(target) {
      const existing = channels.get(target);
      if (existing !== undefined) return existing;
      // A proxy of the environment cannot reach this machine's own loopback.
      const proxy = LOOPBACK.test(target) ? { 'grpc.enable_http_proxy': 0 } : {};
      const channel = createChannel(target, undefined, { ...OPTIONS, ...proxy });
      channels.set(target, channel);
      return channel;
    },
    close() {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}
