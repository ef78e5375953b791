import { expect } from 'chai';
import { emailSchema } from './email.js';

const faultOf = (text: string) => emailSchema.safeParse(text).error?.issues[0]?.message;

describe('e-mail addresses', () => {
  it('are compared without case and surrounding space', () => {
    expect(emailSchema.parse('  Ada@Example.COM ')).to.equal('ada@example.com');
  });

  it('are accepted in every ordinary form', () => {
    for (const email of ['a@b', 'ada.l+x@mail.example.com', "o'neil@example.com"]) {
      expect(faultOf(email), email).to.equal(undefined);
    }
  });

  it('need one @ between printable ASCII characters', () => {
    for (const email of ['', 'ada', '@b', 'a@', 'a@b@c', 'a b@c', 'a\0@b', 'аda@example.com']) {
      expect(faultOf(email), JSON.stringify(email)).to.be.a('string');
    }
  });

  it('have at most 255 characters', () => {
    expect(faultOf(`${'a'.repeat(253)}@b`)).to.equal(undefined);
    expect(faultOf(`${'a'.repeat(254)}@b`)).to.match(/255/);
  });
});
