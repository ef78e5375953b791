import { expect } from 'chai';
import { canonicalJson, digestOfJson } from './index.js';

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units at every depth and leaves undefined out', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 'é' }], a: undefined, A: null })).to.equal(
      '{"A":null,"b":[{"a":"é","z":1}]}',
    );
  });

  it('writes numbers in their shortest form', () => {
    expect(canonicalJson([1.0, 1e21, 0.000001, -0])).to.equal('[1,1e+21,0.000001,0]');
  });

  it('refuses what has no JSON', () => {
    expect(() => canonicalJson(undefined)).to.throw('no canonical JSON');
    expect(() => canonicalJson({ a: Number.NaN })).to.throw();
  });
});

describe('digestOfJson', () => {
  it('does not depend on the order of keys', () => {
    expect(digestOfJson({ a: 1, b: 2 }).equals(digestOfJson({ b: 2, a: 1 }))).to.equal(true);
    expect(digestOfJson({ a: 1, b: 2 }).equals(digestOfJson({ a: 1, b: 3 }))).to.equal(false);
  });
});
