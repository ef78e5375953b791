import { expect } from 'chai';
import { exportJWK, generateKeyPair, type FlattenedJWSInput, type JSONWebKeySet } from 'jose';
import { ErrorReason } from '@chain-processor/errors';
import { createJwksCache } from './index.js';

const noToken: FlattenedJWSInput = { payload: '', signature: '' };

async function newJwk(kid: string) {
  const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' };
}

async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('expected a refusal');
}

describe('createJwksCache', () => {
  it('fetches once for many tokens at a time', async () => {
    const keySet: JSONWebKeySet = { keys: [await newJwk('a')] };
    let fetches = 0;
    const getKey = createJwksCache({
      fetchJwks: async () => {
        fetches += 1;
        return keySet;
      },
      onFetchFailed: () => undefined,
    });

    await Promise.all(Array.from({ length: 20 }, async () => getKey({ alg: 'EdDSA', kid: 'a' }, noToken)));

    expect(fetches).to.equal(1);
  });

  it('fetches at most once per interval for unknown key ids', async () => {
    const keySet: JSONWebKeySet = { keys: [await newJwk('a')] };
    let fetches = 0;
    let nowMs = 1_000_000;
    const getKey = createJwksCache({
      fetchJwks: async () => {
        fetches += 1;
        return keySet;
      },
      onFetchFailed: () => undefined,
      minFetchIntervalMs: 5_000,
      now: () => nowMs,
    });
    await getKey({ alg: 'EdDSA', kid: 'a' }, noToken);
    nowMs += 5_000;

    const refusals = await Promise.allSettled(
      ['x', 'y', 'z'].map(async (kid) => getKey({ alg: 'EdDSA', kid }, noToken)),
    );
    const later = await refusalOf(() => getKey({ alg: 'EdDSA', kid: 'w' }, noToken));

    expect(refusals.map((refusal) => refusal.status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(later).to.be.instanceOf(Error);
    expect(fetches).to.equal(2);
  });

  it('keeps known keys in use while identity is down', async () => {
    const keySet: JSONWebKeySet = { keys: [await newJwk('a')] };
    let isDown = false;
    let failures = 0;
    let nowMs = 1_000_000;
    const getKey = createJwksCache({
      fetchJwks: async () => {
        if (isDown) throw new Error('connection refused');
        return keySet;
      },
      onFetchFailed: () => {
        failures += 1;
      },
      now: () => nowMs,
    });
    await getKey({ alg: 'EdDSA', kid: 'a' }, noToken);
    isDown = true;
    nowMs += 60 * 60_000;

    const key = await getKey({ alg: 'EdDSA', kid: 'a' }, noToken);
    await new Promise(setImmediate);

    expect(key).to.have.property('type', 'public');
    expect(failures).to.equal(1);
  });

  it('does not let a made-up token delay a good one', async () => {
    const keySet: JSONWebKeySet = { keys: [await newJwk('a')] };
    let isHanging = false;
    let nowMs = 1_000_000;
    const getKey = createJwksCache({
      fetchJwks: () => (isHanging ? new Promise<never>(() => undefined) : Promise.resolve(keySet)),
      onFetchFailed: () => undefined,
      now: () => nowMs,
    });
    await getKey({ alg: 'EdDSA', kid: 'a' }, noToken);
    isHanging = true;
    nowMs += 60 * 60_000;

    void getKey({ alg: 'EdDSA', kid: 'made up' }, noToken);
    const key = await getKey({ alg: 'EdDSA', kid: 'a' }, noToken);

    expect(key).to.have.property('type', 'public');
  });

  it('answers UNAVAILABLE when no key was ever fetched', async () => {
    const getKey = createJwksCache({
      fetchJwks: () => Promise.reject(new Error('connection refused')),
      onFetchFailed: () => undefined,
    });

    const error = await refusalOf(() => getKey({ alg: 'EdDSA', kid: 'a' }, noToken));

    expect(error).to.have.property('reason', ErrorReason.DEPENDENCY_UNAVAILABLE);
  });
});
