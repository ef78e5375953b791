import { expect } from 'chai';
import { z } from 'zod';
import { ErrorReason } from '@chain-processor/errors';
import { decodePageToken, encodePageToken, pageSize } from './page.js';

const cursor = z.object({ id: z.string() });
const list = { method: 'ListNodes', namePrefix: 'a' };

describe('page tokens', () => {
  it('come back as the cursor that they were made from', () => {
    const token = encodePageToken(list, { id: 'x' });

    expect(token).to.match(/^[\w-]+$/);
    expect(decodePageToken(list, token, cursor)).to.deep.equal({ id: 'x' });
  });

  it('are absent on a first page', () => {
    expect(decodePageToken(list, '', cursor)).to.equal(undefined);
  });

  it('are refused for another list, when changed, and when made up', () => {
    const token = encodePageToken(list, { id: 'x' });
    const attempts: [unknown, string][] = [
      [{ ...list, namePrefix: 'b' }, token],
      [list, token.slice(0, -2)],
      [list, 'not a token'],
      [list, encodePageToken(list, { id: 7 })],
    ];

    for (const [otherList, otherToken] of attempts) {
      expect(() => decodePageToken(otherList, otherToken, cursor))
        .to.throw()
        .with.property('reason', ErrorReason.PAGE_TOKEN_INVALID);
    }
  });
});

describe('pageSize', () => {
  it('fills in the default, bounds the maximum and refuses negative sizes', () => {
    expect([0, 7, 5_000].map((size) => pageSize().parse(size))).to.deep.equal([50, 7, 100]);
    expect(pageSize().safeParse(-1).success).to.equal(false);
  });
});
