import { expect } from 'chai';
import { SignJWT, generateKeyPair, importJWK, type CryptoKey, type JWTPayload } from 'jose';
import { createSigningKeyBox } from '../src/credentials/signing-key-box.js';
import { failureOf, withToken } from '@chain-processor/testing';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  startIdentityFixture,
  type IdentityFixture,
} from './support/identity-fixture.js';

describe('access tokens', () => {
  let identity: IdentityFixture;
  let kid: string;
  let privateKey: CryptoKey;
  let claims: JWTPayload;

  before(async () => {
    identity = await startIdentityFixture();
    const [row] = await identity.database.query<{ kid: string; sealed: string }>(
      'select kid, private_jwk_encrypted as sealed from signing_keys',
    );
    kid = row?.kid ?? '';
    const encryptionKey = Buffer.from(identity.environment['SIGNING_KEY_ENCRYPTION_KEY'] ?? '', 'base64');
    privateKey = await createSigningKeyBox({ encryptionKey }).open({
      kid,
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: '' },
      encryptedPrivateKey: row?.sealed ?? '',
    });
    const { user } = await identity.auth.login({
      email: ADMIN_EMAIL,
      password: ADMIN_PASSWORD,
    });
    const nowS = Math.floor(Date.now() / 1_000);
    claims = {
      iss: 'chain-processor',
      aud: 'chain-processor',
      sub: user?.id ?? '',
      jti: 'a-token',
      iat: nowS,
      exp: nowS + 60,
      roles: ['admin'],
      superuser: true,
    };
  });

  after(() => identity.stop());

  function sign(changes: JWTPayload = {}, options: { key?: CryptoKey; kid?: string; typ?: string } = {}) {
    return new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'EdDSA', typ: options.typ ?? 'at+jwt', kid: options.kid ?? kid })
      .sign(options.key ?? privateKey);
  }

  const reasonFor = async (token: string) => {
    const { code, reason } = await failureOf(identity.users.getMe({}, withToken(token)));
    return `${code} ${reason ?? ''}`;
  };

  it('are good when signed like those of Login', async () => {
    const { user } = await identity.users.getMe({}, withToken(await sign()));

    expect(user?.id).to.equal(claims.sub);
  });

  it('are verifiable with the keys of GetJwks', async () => {
    const { keys, maxAge } = await identity.auth.getJwks({});

    expect(keys).to.have.length(1);
    expect(keys[0]).to.include({ kid, kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
    expect(maxAge?.seconds).to.equal(300n);
    expect(await importJWK({ ...keys[0] }, 'EdDSA')).to.have.property('type', 'public');
  });

  it('are needed', async () => {
    const failure = await failureOf(identity.users.getMe({}));

    expect(failure).to.include({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });

  it('are refused after their end', async () => {
    expect(await reasonFor(await sign({ exp: Math.floor(Date.now() / 1_000) - 60 }))).to.equal(
      'UNAUTHENTICATED TOKEN_EXPIRED',
    );
  });

  it('are refused when another key signed them, known kid or not', async () => {
    const { privateKey: key } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });

    expect(await reasonFor(await sign({}, { key }))).to.equal('UNAUTHENTICATED TOKEN_INVALID');
    expect(await reasonFor(await sign({}, { key, kid: 'unknown' }))).to.equal(
      'UNAUTHENTICATED TOKEN_INVALID',
    );
  });

  it('are refused without a signature', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${encode(claims)}.`;

    expect(await reasonFor(unsigned)).to.equal('UNAUTHENTICATED TOKEN_INVALID');
  });

  it('are refused with another algorithm, signed by a secret that everyone knows', async () => {
    const { keys } = await identity.auth.getJwks({});
    const secret = Buffer.from(keys[0]?.x ?? '', 'base64url');

    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
      .sign(secret);

    expect(await reasonFor(token)).to.equal('UNAUTHENTICATED TOKEN_INVALID');
  });

  it('are refused when they are for others, from others or something else', async () => {
    const tokens = await Promise.all([
      sign({ aud: 'another-system' }),
      sign({ iss: 'another-issuer' }),
      sign({}, { typ: 'JWT' }),
      sign({ sub: 'no uuid' }),
      sign({ superuser: 'yes' }),
      sign({ jti: '' }),
    ]);

    for (const token of tokens) expect(await reasonFor(token)).to.equal('UNAUTHENTICATED TOKEN_INVALID');
  });

  it('are refused when they were changed', async () => {
    const [header, , signature] = (await sign()).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, jti: 'other' })).toString('base64url');

    expect(await reasonFor(`${header}.${payload}.${signature}`)).to.equal('UNAUTHENTICATED TOKEN_INVALID');
  });

  it('are refused when they are no tokens', async () => {
    for (const text of ['x', 'a.b', 'a.b.c.d', 'a.b.c']) {
      expect(await reasonFor(text), text).to.equal('UNAUTHENTICATED TOKEN_MALFORMED');
    }
  });
});
