import { expect } from 'chai';
import { findBrokenTexts } from './text-check.js';

describe('findBrokenTexts', () => {
  it('finds nothing in text of any language, in pairs of surrogates, or in bytes', () => {
    const message = {
      name: 'Grüße 💥',
      tags: ['日本語', ''],
      digest: new Uint8Array([0]),
      time: new Date(),
      none: undefined,
    };

    expect(findBrokenTexts(message)).to.deep.equal([]);
  });

  it('names the field of a lone surrogate', () => {
    const violations = findBrokenTexts({ node: { name: 'a\ud800b' } });

    expect(violations.map(({ field }) => field)).to.deep.equal(['node.name']);
    expect(violations[0]?.description).to.include('lone surrogate');
  });

  it('finds U+0000 in lists, in free-form objects and in their keys', () => {
    const violations = findBrokenTexts({
      inputs: [{ text: 'fine' }, { text: '\0' }],
      metadata: { 'k\0': 1 },
    });

    expect(violations.map(({ field }) => field)).to.deep.equal(['inputs[1].text', 'metadata.k\0']);
  });
});
