import { expect } from 'chai';
import { passwordFault } from './password.js';

const EMAIL = 'ada.lovelace@example.com';

describe('passwordFault', () => {
  it('accepts 12 to 256 characters', () => {
    for (const length of [12, 256]) expect(passwordFault('x'.repeat(length), EMAIL)).to.equal(undefined);
    for (const length of [0, 11, 257]) expect(passwordFault('x'.repeat(length), EMAIL)).to.match(/12 to 256/);
  });

  it('counts characters and not code units', () => {
    expect(passwordFault('👍'.repeat(11), EMAIL)).to.match(/has 11/);
    expect(passwordFault('👍'.repeat(256), EMAIL)).to.equal(undefined);
  });

  it('counts after normalisation', () => {
    expect(passwordFault('e\u0301'.repeat(11), EMAIL)).to.match(/has 11/);
    expect(passwordFault('\uFDFA'.repeat(15), EMAIL)).to.match(/has 270/);
  });

  it('refuses what is longer than 1,024 bytes before it normalises it', () => {
    expect(passwordFault('\uFDFA'.repeat(400), EMAIL)).to.match(/1024 bytes/);
  });

  it('refuses the e-mail address in any case', () => {
    expect(passwordFault('Ada.Lovelace@Example.com', EMAIL)).to.match(/e-mail/);
  });
});
