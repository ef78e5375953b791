import { expect } from 'chai';
import { jsonFault } from './json-object.js';

const faultOf = (value: Record<string, unknown>) => jsonFault(value, 1_000);

describe('jsonFault', () => {
  it('passes what JSON has', () => {
    expect(faultOf({ a: [null, true, 1.5, 'é💥', { b: {} }], '': '' })).to.equal(undefined);
  });

  it('finds what jsonb cannot store, at any depth and in keys', () => {
    for (const value of [{ a: 'x\0' }, { 'a\0': 1 }, { a: [{ b: 'x\0' }] }]) {
      expect(faultOf(value)).to.match(/U\+0000/);
    }
    for (const number of [Number.NaN, Infinity]) expect(faultOf({ a: [number] })).to.match(/NaN or infinite/);
    expect(faultOf({ a: [undefined] })).to.match(/no kind/);
  });

  it('counts bytes and not characters', () => {
    expect(jsonFault({ a: 'é'.repeat(10) }, 27)).to.equal('must have at most 27 bytes as JSON, and has 28');
    expect(jsonFault({ a: 'é'.repeat(10) }, 28)).to.equal(undefined);
  });
});
