import { expect } from 'chai';
import { failureMessage, MAX_FAILURE_BYTES } from './execution.js';
import { textFault } from './text.js';

describe('textFault', () => {
  it('finds nothing wrong with empty text and text outside ASCII', () => {
    expect(textFault('')).to.equal(undefined);
    expect(textFault('Grüße 👩‍👩‍👧 \u{10FFFF}')).to.equal(undefined);
  });

  it('counts bytes of UTF-8, not characters', () => {
    expect(textFault('é'.repeat(5), 10)).to.equal(undefined);
    expect(textFault('é'.repeat(6), 10)).to.equal('has 12 bytes of UTF-8 and at most 10 are allowed');
  });

  it('names what PostgreSQL cannot store', () => {
    expect(textFault('a\0b')).to.include('U+0000');
    expect(textFault('a\ud800b')).to.include('lone surrogate');
  });
});

describe('failureMessage', () => {
  it('leaves a short message alone', () => {
    expect(failureMessage('position 2: it broke')).to.equal('position 2: it broke');
  });

  it('cuts a long message between characters', () => {
    const cut = failureMessage('👍'.repeat(5_000));

    expect(Buffer.byteLength(cut)).to.be.at.most(MAX_FAILURE_BYTES);
    expect(cut).to.match(/^(👍)+…$/u);
  });

  it('replaces what cannot be stored', () => {
    expect(failureMessage('a\0\ud800')).to.equal('a\uFFFD\uFFFD');
  });
});
