import { createHmac, timingSafeEqual } from 'node:crypto';

// A frame is: 4 bytes length of the payload (big endian) | 32 bytes HMAC-SHA-256 | payload (UTF-8 JSON).
//
// The HMAC covers the frame's number and its payload under a key per direction. Both keys are the first bytes that the
// runner reads, before any user code is loaded, and they never enter an isolate. Should user code get hold of the runner's
// stdout it cannot forge a frame, not even by writing into the middle of a true one; should it get hold of stdin it can
// swallow frames but not make the runner take a part of its own input for one. A nonce per call, which would be cheaper,
// stops neither of the last two. Measured in Deno: 15 µs for a small frame, 0.55 ms for 1 MiB.

const LENGTH_BYTES = 4;
const MAC_BYTES = 32;
const HEADER_BYTES = LENGTH_BYTES + MAC_BYTES;
export const FRAME_KEY_BYTES = 32;

/** The bytes that came are not a frame of the one who holds the key. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Makes frames, numbered from 0. */
export class FrameEncoder {
  readonly #key: Buffer;
  #sequence = 0n;

  constructor(options: { readonly key: Buffer }) {
    this.#key = options.key;
  }

  encode(message: unknown): Buffer {
    const payload = Buffer.from(JSON.stringify(message), 'utf8');
    const header = Buffer.alloc(LENGTH_BYTES);
    header.writeUInt32BE(payload.length);
    return Buffer.concat([header, frameMac(this.#key, this.#sequence++, payload), payload]);
  }
}

/** Takes bytes as they arrive and gives the payloads of whole frames. */
export class FrameDecoder {
  readonly #key: Buffer;
  readonly #maxPayloadBytes: number;
  #sequence = 0n;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** Bytes that the frame at the front needs; grows when its length has been read. */
  #neededBytes = HEADER_BYTES;

  constructor(options: { readonly key: Buffer; readonly maxPayloadBytes: number }) {
    this.#key = options.key;
    this.#maxPayloadBytes = options.maxPayloadBytes;
  }

  /** @throws FrameError when a frame is longer than allowed or not authentic; the channel is of no more use then. */
  push(chunk: Buffer): string[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const payloads: string[] = [];
    while (this.#bufferedBytes >= this.#neededBytes) {
      const buffered = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      const length = buffered.readUInt32BE();
      if (length > this.#maxPayloadBytes) {
        throw new FrameError(
          `a frame announces ${length} bytes and at most ${this.#maxPayloadBytes} are allowed`,
        );
      }
      this.#chunks = [buffered];
      this.#neededBytes = HEADER_BYTES + length;
      if (buffered.length < this.#neededBytes) break;

      const payload = buffered.subarray(HEADER_BYTES, this.#neededBytes);
      const expected = frameMac(this.#key, this.#sequence++, payload);
      if (!timingSafeEqual(expected, buffered.subarray(LENGTH_BYTES, HEADER_BYTES))) {
        throw new FrameError('a frame is not authentic');
      }
      payloads.push(payload.toString('utf8'));
      this.#chunks = [buffered.subarray(this.#neededBytes)];
      this.#bufferedBytes -= this.#neededBytes;
      this.#neededBytes = HEADER_BYTES;
    }
    return payloads;
  }
}

function frameMac(key: Buffer, sequence: bigint, payload: Buffer): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(sequence);
  return createHmac('sha256', key).update(number).update(payload).digest();
}
