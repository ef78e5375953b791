import { expect } from 'chai';
import { durationFromMs, durationToMs } from './duration.js';

describe('durations', () => {
  it('survive the way there and back to the millisecond', () => {
    for (const milliseconds of [0, 1, 999, 1_000, 1_500, 300_000, -1, -1_500, 315_576_000_000_000]) {
      expect(durationToMs(durationFromMs(milliseconds))).to.equal(milliseconds);
    }
  });

  it('give seconds and nanos the same sign, as the format demands', () => {
    expect(durationFromMs(-1_500)).to.deep.equal({ seconds: -1n, nanos: -500_000_000 });
  });

  it('refuse what is not a whole number of milliseconds', () => {
    for (const milliseconds of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => durationFromMs(milliseconds)).to.throw(RangeError, 'whole number of milliseconds');
    }
  });
});
