import { Client as BareClient, credentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import { createChannel, createClientFactory, type Channel, type ClientFactory } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { HealthDefinition } from 'nice-grpc-server-health';
import {
  AuthServiceDefinition,
  ServiceAccountServiceDefinition,
  UserServiceDefinition,
} from '@chain-processor/proto/identity';
import { failureOf, rawCall, withToken } from '@chain-processor/testing';
import { startIdentityFixture, type IdentityFixture } from './support/identity-fixture.js';

const SERVING = 1;
const isServing = (status: number) => status === SERVING;
const SERVICES = [AuthServiceDefinition, UserServiceDefinition, ServiceAccountServiceDefinition];

const sameBytes = (bytes: Uint8Array): Uint8Array => bytes;

describe('the gRPC server of identity', () => {
  let identity: IdentityFixture;
  let channel: Channel;
  let clients: ClientFactory;
  let admin: ReturnType<typeof withToken>;

  before(async () => {
    identity = await startIdentityFixture();
    channel = createChannel(identity.address);
    clients = createClientFactory().use(errorDetailsClientMiddleware);
    admin = withToken(await identity.login());
  });

  after(async () => {
    channel.close();
    await identity.stop();
  });

  it('refuses bytes that are no message and strings that are no UTF-8', async () => {
    const token = await identity.login();

    for (const hex of ['0a02c328', '0a03eda080', '0aff', 'ffffffff']) {
      const failure = await failureOf(
        rawCall({
          target: identity.address,
          methodPath: '/chainprocessor.identity.v1.UserService/GetUser',
          request: Buffer.from(hex, 'hex'),
          token,
        }),
      );

      expect(failure, hex).to.include({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_MALFORMED' });
    }
  });

  it('answers UNIMPLEMENTED where the contract is ahead of this release', async () => {
    const failures = [
      await failureOf(identity.auth.refreshToken({ refreshToken: 'x' })),
      await failureOf(identity.users.listUsers({}, admin)),
      await failureOf(
        clients.create(ServiceAccountServiceDefinition, channel).listServiceAccounts({}, admin),
      ),
    ];

    for (const failure of failures) {
      expect(failure).to.include({ code: 'UNIMPLEMENTED', reason: 'METHOD_NOT_IMPLEMENTED' });
    }
  });

  it('keeps the access rules of methods that are not there yet', async () => {
    const failure = await failureOf(identity.users.listUsers({}));

    expect(failure).to.include({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });

  it('is healthy as a whole, for each service, and as a process', async () => {
    const health = clients.create(HealthDefinition, channel);

    for (const service of ['', 'liveness', ...SERVICES.map(({ fullName }) => fullName)]) {
      expect((await health.check({ service })).status, service).to.equal(SERVING);
    }
    expect((await failureOf(health.check({ service: 'unknown' }))).code).to.equal('NOT_FOUND');
  });

  it('describes its services by reflection', async () => {
    const client = new BareClient(identity.address, credentials.createInsecure());
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const stream = client.makeBidiStreamRequest(path, (bytes: Buffer) => bytes, sameBytes);

    // ServerReflectionRequest { list_services: "*" }
    stream.end(Buffer.from('3a012a', 'hex'));
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    client.close();

    const answer = Buffer.concat(chunks);
    for (const { fullName } of SERVICES) expect(answer.includes(fullName), fullName).to.equal(true);
  });

  it('answers with the request id that the caller gave', async () => {
    let answered: string | undefined;

    await identity.auth.getJwks(
      {},
      {
        metadata: withToken('').metadata.set('x-request-id', 'my-request'),
        onHeader: (header) => {
          answered = header.get('x-request-id');
        },
      },
    );

    expect(answered).to.equal('my-request');
  });

  describe('when a call takes too long', () => {
    /** Holds up every read of users until `run` has ended. */
    const whileUsersAreLocked = (run: () => Promise<void>) =>
      identity.database.transaction(async (transaction) => {
        await identity.database.query('lock table users in access exclusive mode', { transaction });
        await run();
      });

    it('ends it after the longest time that the server allows', async () => {
      const { port } = await identity.startReplica({ GRPC_MAX_CALL_MS: '200' });
      const impatient = createChannel(`127.0.0.1:${port}`);

      await whileUsersAreLocked(async () => {
        const failure = await failureOf(clients.create(UserServiceDefinition, impatient).getMe({}, admin));

        expect(failure).to.include({ code: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_EXCEEDED' });
        expect(failure.metadata).to.deep.equal({ limit_ms: '200' });
      });
      impatient.close();
    });

    it('ends it at the deadline of the caller and goes on serving', async () => {
      const client = new BareClient(identity.address, credentials.createInsecure());

      await whileUsersAreLocked(async () => {
        const code = await new Promise<number | undefined>((resolve) => {
          client.makeUnaryRequest(
            '/chainprocessor.identity.v1.AuthService/Login',
            (bytes: Buffer) => bytes,
            sameBytes,
            // LoginRequest { email: "a", password: "b" }
            Buffer.from('0a0161120162', 'hex'),
            { deadline: Date.now() + 200 },
            (error) => resolve(error?.code),
          );
        });

        expect(code).to.equal(4);
      });
      client.close();
      expect((await identity.users.getMe({}, admin)).user?.isSuperuser).to.equal(true);
    });
  });

  it('is alive but not ready, and says why calls fail, while its database is gone', async () => {
    const lost = await startIdentityFixture();
    const lostChannel = createChannel(lost.address);
    const health = clients.create(HealthDefinition, lostChannel);
    try {
      await lost.dropDatabase();

      for await (const { status } of health.watch({ service: '' })) {
        if (!isServing(status)) break;
      }

      expect((await health.check({ service: 'liveness' })).status).to.equal(SERVING);
      const failure = await failureOf(lost.auth.login({ email: 'a@b', password: 'c' }));
      expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'DEPENDENCY_UNAVAILABLE' });
      expect(failure.metadata).to.deep.equal({ dependency: 'database' });
    } finally {
      lostChannel.close();
      await lost.stop();
    }
  });
});
