import { expect } from 'chai';
import { createPasswordHasher } from './password-hasher.js';

describe('password hasher', () => {
  const options = { memoryKib: 19_456, passes: 2, concurrency: 1, maxWaiting: 10 };

  it('makes argon2id hashes with the given parameters', async () => {
    const passwords = await createPasswordHasher(options);

    expect(await passwords.hash('correct horse battery')).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('verifies a password however its characters are composed', async () => {
    const passwords = await createPasswordHasher(options);
    const passwordHash = await passwords.hash('caf\u00e9 au lait, please');

    expect(await passwords.verify('cafe\u0301 au lait, please', passwordHash)).to.equal(true);
    expect(await passwords.verify('cafe au lait, please', passwordHash)).to.equal(false);
  });

  it('verifies nothing where there is no hash', async () => {
    const passwords = await createPasswordHasher(options);

    expect(await passwords.verify('the password of nobody', undefined)).to.equal(false);
  });
});
