import { expect } from 'chai';
import { type CallOptions, type ClientMiddlewareCall } from 'nice-grpc-common';
import { sendDeadlineMiddleware } from './deadline-middleware.js';

/** The options that the middleware passes on for a call that must be answered within `leftMs`. */
async function optionsSentFor(leftMs: number): Promise<CallOptions> {
  let sent: CallOptions = {};
  const call: ClientMiddlewareCall<string, string> = {
    method: { path: '/test.Service/Method', requestStream: false, responseStream: false, options: {} },
    requestStream: false,
    responseStream: false,
    request: 'request',
    // eslint-disable-next-line require-yield
    async *next(_request, options) {
      sent = options;
      return 'response';
    },
  };
  await sendDeadlineMiddleware(call, { answerBy: new Date(Date.now() + leftMs) }).next();
  return sent;
}

describe('sendDeadlineMiddleware', () => {
  it('tells the service the milliseconds that are left', async () => {
    const timeout = (await optionsSentFor(60_000)).metadata?.get('grpc-timeout') ?? '';

    expect(timeout).to.match(/^\d{5}m$/);
    expect(Number.parseInt(timeout, 10)).to.be.within(59_000, 60_000);
  });

  it('keeps within the eight digits that the format allows', async () => {
    const { metadata } = await optionsSentFor(2e8);

    expect(metadata?.get('grpc-timeout')).to.equal('200000S');
  });

  it('never sends a time that is up, which the format does not have', async () => {
    const { metadata } = await optionsSentFor(-5);

    expect(metadata?.get('grpc-timeout')).to.equal('1m');
  });
});
