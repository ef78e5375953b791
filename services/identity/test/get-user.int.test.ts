import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Role } from '@chain-processor/proto/identity';
import { failureOf, withToken } from '@chain-processor/testing';
import { startIdentityFixture, type IdentityFixture } from './support/identity-fixture.js';

const EMAIL = 'viewer@example.com';
const PASSWORD = 'a perfectly good password';

describe('GetUser and GetMe', () => {
  let identity: IdentityFixture;
  let admin: ReturnType<typeof withToken>;
  let viewer: ReturnType<typeof withToken>;
  let viewerId: string;

  before(async () => {
    identity = await startIdentityFixture();
    admin = withToken(await identity.login());
    const { user } = await identity.users.createUser(
      { user: { email: EMAIL, fullName: 'Viewer', roles: [Role.VIEWER] }, password: PASSWORD },
      admin,
    );
    viewerId = user?.id ?? '';
    viewer = withToken(await identity.login(EMAIL, PASSWORD));
  });

  after(() => identity.stop());

  it('give everyone the own account', async () => {
    const { user: me } = await identity.users.getMe({}, viewer);
    const { user } = await identity.users.getUser({ userId: viewerId }, viewer);

    expect(me?.email).to.equal(EMAIL);
    expect(user).to.deep.equal(me);
  });

  it('give admins any account, whatever the case of the id', async () => {
    const { user } = await identity.users.getUser({ userId: viewerId.toUpperCase() }, admin);

    expect(user?.email).to.equal(EMAIL);
  });

  it('tell nobody but admins whether another account exists', async () => {
    const { user: adminUser } = await identity.users.getMe({}, admin);

    const existing = await failureOf(identity.users.getUser({ userId: adminUser?.id ?? '' }, viewer));
    const missing = await failureOf(identity.users.getUser({ userId: randomUUID() }, viewer));

    expect(existing).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
    expect(missing).to.deep.equal(existing);
  });

  it('tell an admin that there is no such user', async () => {
    const userId = randomUUID();

    const failure = await failureOf(identity.users.getUser({ userId }, admin));

    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
    expect(failure.metadata).to.deep.equal({ user_id: userId });
  });

  it('refuse what is no id', async () => {
    for (const userId of ['', 'x', `${randomUUID()}x`, 'a\0b', "' or 1=1 --", 'x'.repeat(100_000)]) {
      const failure = await failureOf(identity.users.getUser({ userId }, admin));

      expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
      expect(failure.fields).to.deep.equal(['user_id']);
    }
  });

  it('answer USER_NOT_FOUND to a token whose user is not there', async () => {
    await identity.database.query('delete from users where id = $1', { bind: [viewerId] });

    const failure = await failureOf(identity.users.getMe({}, viewer));

    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
  });
});
