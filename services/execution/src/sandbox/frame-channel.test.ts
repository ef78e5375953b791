import { expect } from 'chai';
import { FrameDecoder, FrameEncoder, FrameError } from './frame-channel.js';

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const aDecoder = (): FrameDecoder => new FrameDecoder({ key, maxPayloadBytes: 1_000 });

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const encoder = new FrameEncoder({ key });
    const bytes = Buffer.concat([
      encoder.encode({ text: 'äö€😀' }),
      encoder.encode([]),
      encoder.encode(null),
    ]);

    for (const size of [1, 7, 36, 40, bytes.length]) {
      const decoder = aDecoder();
      const payloads: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        payloads.push(...decoder.push(bytes.subarray(at, at + size)));

      expect(payloads, `${size} bytes at a time`).to.deep.equal(['{"text":"äö€😀"}', '[]', 'null']);
    }
  });

  it('are refused without the key', () => {
    const forged = new FrameEncoder({ key: otherKey }).encode({ type: 'ready' });

    expect(() => aDecoder().push(forged)).to.throw(FrameError, 'not authentic');
  });

  it('are refused when they come a second time', () => {
    const decoder = aDecoder();
    const frame = new FrameEncoder({ key }).encode({ type: 'ready' });
    decoder.push(frame);

    expect(() => decoder.push(frame)).to.throw(FrameError, 'not authentic');
  });

  it('are refused when one before them is missing', () => {
    const encoder = new FrameEncoder({ key });
    encoder.encode('swallowed');

    expect(() => aDecoder().push(encoder.encode('next'))).to.throw(FrameError, 'not authentic');
  });

  it('are refused when bytes were written into the middle of one', () => {
    const frame = new FrameEncoder({ key }).encode({ output: 'true' });
    const cut = frame.length - 8;

    expect(() =>
      aDecoder().push(Buffer.concat([frame.subarray(0, cut), Buffer.from('forged'), frame.subarray(cut)])),
    ).to.throw(FrameError, 'not authentic');
  });

  it('are refused by their length alone, before their bytes have come', () => {
    const start = Buffer.alloc(36);
    start.writeUInt32BE(1_001);

    expect(() => aDecoder().push(start)).to.throw(FrameError, 'announces 1001 bytes');
  });
});
