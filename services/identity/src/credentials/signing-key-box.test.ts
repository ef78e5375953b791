import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { SignJWT, importJWK, jwtVerify } from 'jose';
import { SigningKeyUnreadableError } from '../domain/errors.js';
import type { SigningKey } from '../domain/signing-key.js';
import { createSigningKeyBox, type SigningKeyBox } from './signing-key-box.js';

async function failureOfOpening(box: SigningKeyBox, key: SigningKey): Promise<unknown> {
  return box.open(key).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('signing key box', () => {
  const box = createSigningKeyBox({ encryptionKey: randomBytes(32) });

  it('opens what it made, and the halves belong together', async () => {
    const key = await box.generate();

    const token = await new SignJWT().setProtectedHeader({ alg: 'EdDSA' }).sign(await box.open(key));

    const publicKey = await importJWK(key.publicKey, 'EdDSA');
    expect((await jwtVerify(token, publicKey)).protectedHeader.alg).to.equal('EdDSA');
  });

  it('keeps the private half out of the public one', async () => {
    const key = await box.generate();

    expect(Object.keys(key.publicKey).sort()).to.deep.equal(['crv', 'kty', 'x']);
  });

  it('names the configuration when its key opens nothing', async () => {
    const key = await createSigningKeyBox({ encryptionKey: randomBytes(32) }).generate();

    const failure = await failureOfOpening(box, key);

    expect(failure).to.be.instanceOf(SigningKeyUnreadableError);
    expect(failure)
      .to.have.property('message')
      .that.matches(/SIGNING_KEY_ENCRYPTION_KEY/);
  });

  it('refuses a private half that stands under another kid', async () => {
    const [first, second] = [await box.generate(), await box.generate()];

    const failure = await failureOfOpening(box, {
      ...first,
      encryptedPrivateKey: second.encryptedPrivateKey,
    });

    expect(failure).to.be.instanceOf(SigningKeyUnreadableError);
  });
});
