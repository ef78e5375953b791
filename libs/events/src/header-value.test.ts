import { expect } from 'chai';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';

describe('header values', () => {
  it('are encoded like the example of the CloudEvents binding', () => {
    expect(encodeHeaderValue('Euro € 😀')).to.equal('Euro%20%E2%82%AC%20%F0%9F%98%80');
  });

  it('keep printable ASCII but for the double quote and the percent sign', () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('');

    expect(encodeHeaderValue(printable)).to.equal(printable.replace('%', '%25').replace('"', '%22'));
  });

  it('cannot break out of their header line', () => {
    expect(encodeHeaderValue('a\r\nb: c\t\0\x7f')).to.equal('a%0D%0Ab:%20c%09%00%7F');
  });

  it('stand in for a lone surrogate with the replacement character', () => {
    expect(encodeHeaderValue('\ud800')).to.equal('%EF%BF%BD');
  });

  it('come back as they were', () => {
    const value = 'ä "quoted" 100% \u{1F600}\n';

    expect(decodeHeaderValue(encodeHeaderValue(value))).to.equal(value);
  });

  it('are decoded when they are quoted, in lower case, or encoded for no reason', () => {
    expect(decodeHeaderValue('"a \\"b\\" \\\\"')).to.equal('a "b" \\');
    expect(decodeHeaderValue('%e2%82%ac')).to.equal('€');
    expect(decodeHeaderValue('%41')).to.equal('A');
  });

  it('are refused when they are not UTF-8', () => {
    expect(() => decodeHeaderValue('%C0%A0')).to.throw(URIError);
    expect(() => decodeHeaderValue('%')).to.throw(URIError);
  });
});
