import { expect } from 'chai';
import { ServerError, Status } from 'nice-grpc-common';
import { ErrorInfo, RichServerError } from 'nice-grpc-error-details';
import { loginResponse, startFakeServices, type FakeServices } from './fake-services.js';

describe('tokens', () => {
  let services: FakeServices | undefined;

  afterEach(async () => {
    await services?.stop();
    services = undefined;
  });

  it('are fetched at the first call, once for all calls that wait', async () => {
    let logins = 0;
    services = await startFakeServices({
      login: async () => {
        logins += 1;
        return loginResponse('token');
      },
    });
    const { client } = services;
    expect(logins).to.equal(0);

    await Promise.all([
      client.nodes.getNode({}),
      client.nodes.getNode({}),
      client.start({ strategyId: '', inputText: '' }),
    ]);

    expect(logins).to.equal(1);
  });

  it('are replaced when the service refuses one, and the call is made again', async () => {
    let logins = 0;
    services = await startFakeServices({
      login: async () => loginResponse(`token-${(logins += 1)}`),
      getNode: async (_request, { metadata }) => {
        if (metadata.get('authorization') === 'Bearer token-1') {
          throw new RichServerError(Status.UNAUTHENTICATED, 'the access token has expired', [
            ErrorInfo.fromPartial({ reason: 'TOKEN_EXPIRED', domain: 'chainprocessor' }),
          ]);
        }
        return { node: undefined };
      },
    });

    await services.client.nodes.getNode({});

    expect(logins).to.equal(2);
  });

  it('are asked for again when identity is unavailable for a moment', async () => {
    let logins = 0;
    services = await startFakeServices({
      login: async () => {
        logins += 1;
        if (logins === 1) throw new ServerError(Status.UNAVAILABLE, 'stopping');
        return loginResponse('token');
      },
    });

    await services.client.nodes.getNode({});

    expect(logins).to.equal(2);
  });

  it('that were given are used as they are', async () => {
    let authorization: string | undefined;
    services = await startFakeServices(
      {
        login: async () => Promise.reject(new Error('nobody should log in')),
        getNode: async (_request, { metadata }) => {
          authorization = metadata.get('authorization');
          return { node: undefined };
        },
      },
      { credentials: { accessToken: 'given' } },
    );

    await services.client.nodes.getNode({});

    expect(authorization).to.equal('Bearer given');
  });
});
