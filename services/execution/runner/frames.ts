import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HostMessage, RunnerMessage } from '../src/sandbox/runner-message.ts';

// The runner's end of the channel; src/sandbox/frame-channel.ts describes the frames and why they look so.

const LENGTH_BYTES = 4;
const MAC_BYTES = 32;
const HEADER_BYTES = LENGTH_BYTES + MAC_BYTES;
const KEY_BYTES = 32;
/** A megabyte of input with every character escaped, and the configurations of a long trip. */
const MAX_PAYLOAD_BYTES = 64 * 1_048_576;

export interface Frames {
  /** The next message; undefined when the host is gone. Throws when what came is not authentic. */
  receive(): Promise<HostMessage | undefined>;
  send(message: RunnerMessage): void;
}

/** Reads the keys, which are the first bytes on stdin. Must be done before user code is loaded anywhere. */
export async function openFrames(): Promise<Frames> {
  const hostKey = await readExactly(KEY_BYTES);
  const ownKey = await readExactly(KEY_BYTES);
  if (hostKey === undefined || ownKey === undefined) Deno.exit(0);
  let received = 0n;
  let sent = 0n;
  return {
    receive: async () => {
      const header = await readExactly(HEADER_BYTES);
      if (header === undefined) return undefined;
      const length = new DataView(header.buffer).getUint32(0);
      if (length > MAX_PAYLOAD_BYTES) throw new RangeError(`a frame announces ${length} bytes`);
      const payload = await readExactly(length);
      if (payload === undefined) return undefined;
      if (!timingSafeEqual(frameMac(hostKey, received++, payload), header.subarray(LENGTH_BYTES))) {
        throw new TypeError('a frame is not authentic');
      }
      return JSON.parse(new TextDecoder().decode(payload));
    },
    send: (message) => {
      const payload = new TextEncoder().encode(JSON.stringify(message));
      const frame = new Uint8Array(HEADER_BYTES + payload.length);
      new DataView(frame.buffer).setUint32(0, payload.length);
      frame.set(frameMac(ownKey, sent++, payload), LENGTH_BYTES);
      frame.set(payload, HEADER_BYTES);
      writeAll(frame);
    },
  };
}

function frameMac(key: Uint8Array, sequence: bigint, payload: Uint8Array): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, sequence);
  return createHmac('sha256', key).update(number).update(payload).digest();
}

/** Undefined at the end of the stream, in the middle as well: a half frame means that the host is gone. */
async function readExactly(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await Deno.stdin.read(bytes.subarray(filled));
    if (count === null) return undefined;
    filled += count;
  }
  return bytes;
}

/** Blocks while the pipe is full. The host always reads; if it is gone the write throws and the process ends. */
function writeAll(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}
