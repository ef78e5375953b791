import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { CreateUserRequest, Role } from '@chain-processor/proto/identity';
import { failureOf, withToken } from '@chain-processor/testing';
import { ADMIN_EMAIL, startIdentityFixture, type IdentityFixture } from './support/identity-fixture.js';

const PASSWORD = 'a perfectly good password';

describe('CreateUser', () => {
  let identity: IdentityFixture;
  let superuser: ReturnType<typeof withToken>;
  let count = 0;

  before(async () => {
    identity = await startIdentityFixture();
    superuser = withToken(await identity.login());
  });

  after(() => identity.stop());

  /** A request for a user who is not there yet. */
  function request(user: Parameters<typeof CreateUserRequest.fromPartial>[0]['user'] = {}) {
    count += 1;
    return CreateUserRequest.fromPartial({
      user: { email: `user${count}@example.com`, fullName: 'Ada Lovelace', ...user },
      password: PASSWORD,
    });
  }

  /** The token of a new user with these roles. */
  async function tokenOf(...roles: Role[]): Promise<ReturnType<typeof withToken>> {
    const { user } = await identity.users.createUser(request({ roles }), superuser);
    return withToken(await identity.login(user?.email, PASSWORD));
  }

  const usersWith = async (email: string | undefined) =>
    (await identity.database.query('select id from users where email = $1', { bind: [email] })).length;

  it('stores the user as asked for', async () => {
    const asked = request({
      email: 'Grace.Hopper@Example.com ',
      roles: [Role.EDITOR, Role.VIEWER],
      preferences: { theme: 'dark', pages: [1, 2.5, null, { dense: true }] },
    });

    const { user } = await identity.users.createUser(asked, superuser);

    expect(user).to.deep.include({
      email: 'grace.hopper@example.com',
      fullName: 'Ada Lovelace',
      isActive: true,
      isSuperuser: false,
      roles: [Role.EDITOR, Role.VIEWER],
      preferences: { theme: 'dark', pages: [1, 2.5, null, { dense: true }] },
      lastLoginTime: undefined,
      version: 1,
    });
    const read = await identity.users.getUser({ userId: user?.id ?? '' }, superuser);
    expect(read.user).to.deep.equal(user);
    expect(await identity.login('grace.hopper@example.com', PASSWORD)).to.be.a('string');
  });

  it('is for admins, who may make other admins but no superusers', async () => {
    const admin = await tokenOf(Role.ADMIN);

    const { user } = await identity.users.createUser(request({ roles: [Role.ADMIN] }), admin);
    const failure = await failureOf(identity.users.createUser(request({ isSuperuser: true }), admin));

    expect(user?.roles).to.deep.equal([Role.ADMIN]);
    expect(failure).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
    const made = await identity.users.createUser(request({ isSuperuser: true }), superuser);
    expect(made.user?.isSuperuser).to.equal(true);
  });

  it('is denied to viewers, to editors and to users without any role', async () => {
    for (const roles of [[Role.VIEWER], [Role.EDITOR, Role.VIEWER], []]) {
      const failure = await failureOf(identity.users.createUser(request(), await tokenOf(...roles)));

      expect(failure).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
      expect(failure.metadata).to.include({ required: 'one of the roles admin' });
    }
  });

  it('reports all violations together', async () => {
    const failure = await failureOf(
      identity.users.createUser(
        {
          user: {
            email: 'no address',
            fullName: 'x'.repeat(256),
            roles: [Role.VIEWER, Role.UNSPECIFIED],
            preferences: { text: 'x'.repeat(16_384) },
          },
          password: 'short',
          requestId: 'no uuid',
        },
        superuser,
      ),
    );

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.fields).to.deep.equal([
      'password',
      'request_id',
      'user.email',
      'user.full_name',
      'user.preferences',
      'user.roles[1]',
    ]);
  });

  it('refuses each thing that cannot be stored', async () => {
    const faults: [Parameters<typeof request>[0], string][] = [
      [{ email: '' }, 'user.email'],
      [{ email: 'a\0@b' }, 'user.email'],
      [{ fullName: '' }, 'user.full_name'],
      [{ fullName: 'Ada\0' }, 'user.full_name'],
      [{ roles: [Role.VIEWER, Role.VIEWER] }, 'user.roles'],
      [{ preferences: { list: ['a\0b'] } }, 'user.preferences'],
      [{ preferences: { 'a\0b': 1 } }, 'user.preferences'],
      [{ preferences: { number: Number.NaN } }, 'user.preferences'],
    ];

    for (const [user, field] of faults) {
      const failure = await failureOf(identity.users.createUser(request(user), superuser));

      expect(failure, JSON.stringify(user)).to.include({ reason: 'FIELD_INVALID' });
      expect(failure.fields).to.deep.equal([field]);
    }
    const withoutUser = await failureOf(identity.users.createUser({ password: PASSWORD }, superuser));
    expect(withoutUser.fields).to.deep.equal(['user']);
  });

  it('says so when only the password is too weak', async () => {
    for (const password of ['', 'short', 'x'.repeat(257), 'weak.password@example.com']) {
      const asked = { ...request({ email: 'weak.password@example.com' }), password };

      const failure = await failureOf(identity.users.createUser(asked, superuser));

      expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'PASSWORD_TOO_WEAK' });
      expect(failure.fields).to.deep.equal(['password']);
    }
  });

  it('refuses an address that another user has, in any case', async () => {
    const asked = request({ email: 'taken@example.com' });
    await identity.users.createUser(asked, superuser);

    const failure = await failureOf(
      identity.users.createUser(request({ email: 'TAKEN@example.com' }), superuser),
    );

    expect(failure).to.include({ code: 'ALREADY_EXISTS', reason: 'EMAIL_TAKEN' });
    expect(failure.message).not.to.match(/ix_|unique|taken@example/);
  });

  it('gives one of many callers the address', async () => {
    const asked = request();

    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => identity.users.createUser(asked, superuser)),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(await usersWith(asked.user?.email)).to.equal(1);
  });

  it('answers a repeated request_id with the user that the first call made', async () => {
    const asked = { ...request({ roles: [Role.VIEWER, Role.EDITOR] }), requestId: randomUUID() };
    const first = await identity.users.createUser(asked, superuser);

    const second = await identity.users.createUser(
      { ...asked, requestId: asked.requestId.toUpperCase() },
      superuser,
    );

    expect(second).to.deep.equal(first);
    expect(await usersWith(asked.user?.email)).to.equal(1);
  });

  it('makes one user of the same request_id sent many times at once', async () => {
    const asked = { ...request(), requestId: randomUUID() };

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => identity.users.createUser(asked, superuser)),
    );

    expect(new Set(answers.map(({ user }) => user?.id)).size).to.equal(1);
    expect(await usersWith(asked.user?.email)).to.equal(1);
  });

  it('refuses a request_id that comes with another request, also with only another password', async () => {
    const asked = { ...request(), requestId: randomUUID() };
    await identity.users.createUser(asked, superuser);

    for (const other of [
      { ...asked, user: { ...asked.user, fullName: 'Another' } },
      { ...asked, password: 'another perfectly good one' },
    ]) {
      const failure = await failureOf(identity.users.createUser(other, superuser));

      expect(failure).to.include({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
      expect(failure.metadata).to.include({ request_id: asked.requestId });
    }
  });

  it('keeps the request_ids of callers apart', async () => {
    const requestId = randomUUID();
    await identity.users.createUser({ ...request(), requestId }, superuser);

    const { user } = await identity.users.createUser({ ...request(), requestId }, await tokenOf(Role.ADMIN));

    expect(user?.id).to.be.a('string').that.is.not.empty;
  });

  it('checks everything and stores nothing when it only validates', async () => {
    const asked = { ...request({ roles: [Role.VIEWER] }), validateOnly: true };

    const { user } = await identity.users.createUser(asked, superuser);
    const taken = await failureOf(
      identity.users.createUser({ ...asked, user: { ...asked.user, email: ADMIN_EMAIL } }, superuser),
    );

    expect(user).to.deep.include({ id: '', email: asked.user?.email, roles: [Role.VIEWER], etag: '' });
    expect(await usersWith(asked.user?.email)).to.equal(0);
    expect(taken.reason).to.equal('EMAIL_TAKEN');
  });
});
