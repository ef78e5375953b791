import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { failureOf, withToken } from '@chain-processor/testing';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  startIdentityFixture,
  type IdentityFixture,
} from './support/identity-fixture.js';

describe('Login', () => {
  let identity: IdentityFixture;

  before(async () => {
    identity = await startIdentityFixture();
  });

  after(() => identity.stop());

  it('gives an access token that names the user, the roles and how long it is valid', async () => {
    const before = Date.now();

    const response = await identity.auth.login({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD });

    const claims = decodeJwt(response.accessToken);
    expect(claims).to.include({
      iss: 'chain-processor',
      aud: 'chain-processor',
      sub: response.user?.id,
      superuser: true,
    });
    expect(claims['roles']).to.deep.equal(['admin']);
    expect(claims.jti).to.be.a('string');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).to.equal(600);
    expect(response.accessTokenExpireTime?.getTime()).to.be.within(before + 599_000, Date.now() + 600_000);
    expect(decodeProtectedHeader(response.accessToken)).to.include({ alg: 'EdDSA', typ: 'at+jwt' });
  });

  it('takes the address in any case', async () => {
    const response = await identity.auth.login({
      email: ` ${ADMIN_EMAIL.toUpperCase()}`,
      password: ADMIN_PASSWORD,
    });

    expect(response.user?.email).to.equal(ADMIN_EMAIL);
  });

  it('gives no refresh token in this release', async () => {
    const response = await identity.auth.login({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD });

    expect(response.refreshToken).to.equal('');
    expect(response.refreshTokenExpireTime).to.equal(undefined);
  });

  it('notes the time of the login, which is no update', async () => {
    const { user } = await identity.auth.login({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD });

    expect(user?.lastLoginTime?.getTime()).to.be.greaterThan(user?.createTime?.getTime() ?? Infinity);
    expect(user).to.include({ version: 1, etag: 'v1' });
    expect(user?.updateTime).to.deep.equal(user?.createTime);
  });

  it('answers alike for an unknown user, an inactive one and a wrong password', async () => {
    const token = await identity.login();
    const password = 'a perfectly good password';
    await identity.users.createUser(
      { user: { email: 'gone@example.com', fullName: 'Gone' }, password },
      withToken(token),
    );
    await identity.database.query(`update users set is_active = false where email = 'gone@example.com'`);

    const failures = await Promise.all(
      [
        { email: ADMIN_EMAIL, password: 'the wrong password' },
        { email: 'nobody@example.com', password },
        { email: 'gone@example.com', password },
        { email: 'no address at all', password },
      ].map((credentials) => failureOf(identity.auth.login(credentials))),
    );

    const [first, ...others] = failures;
    expect(first).to.include({ code: 'UNAUTHENTICATED', reason: 'CREDENTIALS_INVALID' });
    for (const other of others) expect(other).to.deep.equal(first);
  });

  it('hashes for unknown users too, so that the time tells nothing', async () => {
    const credentials = { email: 'nobody@example.com', password: 'whatever it may be' };
    const tooBusy = await startIdentityFixture({
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_MAX_WAITING: '0',
    });

    try {
      const failures = await Promise.all(
        Array.from({ length: 20 }, () => failureOf(tooBusy.auth.login(credentials))),
      );

      expect(new Set(failures.map(({ reason }) => reason))).to.deep.equal(
        new Set(['CREDENTIALS_INVALID', 'OVERLOADED']),
      );
    } finally {
      await tooBusy.stop();
    }
  });

  it('refuses what cannot be a login at all, naming both fields', async () => {
    const failure = await failureOf(identity.auth.login({ email: 'a\0b@example.com', password: '' }));

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.fields).to.deep.equal(['email', 'password']);
  });
});
