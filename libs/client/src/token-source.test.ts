import { expect } from 'chai';
import { createTokenSource } from './token-source.js';

const LIFETIME_MS = 600_000;

/** Logins that are answered when the test says so, and a clock that the test sets. */
function setUp() {
  const state = { nowMs: 1_000_000, logins: [] as { resolve: () => void; reject: (error: Error) => void }[] };
  const source = createTokenSource({
    now: () => state.nowMs,
    login: () =>
      new Promise((resolve, reject) => {
        const value = `token-${state.logins.length + 1}`;
        state.logins.push({
          resolve: () => resolve({ value, expiresAtMs: state.nowMs + LIFETIME_MS }),
          reject,
        });
      }),
  });
  return { state, source };
}

/** The token source after its first login. */
async function setUpLoggedIn() {
  const { state, source } = setUp();
  const first = source.get(undefined);
  state.logins[0]?.resolve();
  await first;
  return { state, source };
}

describe('the token source', () => {
  it('logs in once for all calls that wait for the first token', async () => {
    const { state, source } = setUp();

    const waiting = Promise.all([source.get(undefined), source.get(undefined)]);
    state.logins[0]?.resolve();

    expect(await waiting).to.deep.equal(['token-1', 'token-1']);
    expect(state.logins).to.have.length(1);
  });

  it('renews a token that is about to expire beside the calls that still use it', async () => {
    const { state, source } = await setUpLoggedIn();
    state.nowMs += 0.81 * LIFETIME_MS;

    expect(await source.get(undefined)).to.equal('token-1');
    expect(state.logins).to.have.length(2);
    state.logins[1]?.resolve();
    await Promise.resolve();

    expect(await source.get(undefined)).to.equal('token-2');
  });

  it('goes on with the token that it has while early renewals fail, and does not try at every call', async () => {
    const { state, source } = await setUpLoggedIn();
    state.nowMs += 0.81 * LIFETIME_MS;
    await source.get(undefined);
    state.logins[1]?.reject(new Error('identity is down'));
    await new Promise(setImmediate);

    expect(await source.get(undefined)).to.equal('token-1');
    expect(state.logins).to.have.length(2);
    state.nowMs += 5_001;
    expect(await source.get(undefined)).to.equal('token-1');
    expect(state.logins).to.have.length(3);
  });

  it('does not send a token that has expired, and tells why there is no other', async () => {
    const { state, source } = await setUpLoggedIn();
    state.nowMs += LIFETIME_MS;

    const late = source.get(undefined);
    state.logins[1]?.reject(new Error('identity is down'));

    expect(await late.catch((error: unknown) => error)).to.have.property('message', 'identity is down');
  });

  it('tries again after a login that failed', async () => {
    const { state, source } = setUp();
    const failed = source.get(undefined);
    state.logins[0]?.reject(new Error('identity is down'));
    await failed.catch(() => undefined);

    const second = source.get(undefined);
    state.logins[1]?.resolve();

    expect(await second).to.equal('token-2');
  });

  it('lets one caller give up without taking the login from the others', async () => {
    const { state, source } = setUp();
    const impatience = new AbortController();
    const impatient = source.get(impatience.signal);
    const patient = source.get(undefined);

    impatience.abort();

    expect(await impatient.catch((error: unknown) => error)).to.have.property('name', 'AbortError');
    state.logins[0]?.resolve();
    expect(await patient).to.equal('token-1');
  });

  it('gives another token after one was refused', async () => {
    const { state, source } = await setUpLoggedIn();

    expect(source.discard('token-1')).to.equal(true);
    const next = source.get(undefined);
    state.logins[1]?.resolve();

    expect(await next).to.equal('token-2');
  });
});
