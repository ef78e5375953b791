import { SignJWT, type CryptoKey } from 'jose';
import { v7 as newId } from 'uuid';
import { ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE } from '@chain-processor/auth';
import { invariant } from '@chain-processor/errors';
import type { User } from '../domain/user.js';
import type { SigningKeyStore } from '../store/signing-key-store.js';
import type { SigningKeyBox } from './signing-key-box.js';

export interface TokenIssuerOptions {
  readonly keys: SigningKeyStore;
  readonly box: SigningKeyBox;
  /** `iss` */
  readonly issuer: string;
  /** `aud` */
  readonly audience: string;
  /** How long a token is valid, in seconds. */
  readonly lifetimeS: number;
  readonly now?: () => number;
}

export interface AccessToken {
  readonly token: string;
  readonly expireTime: Date;
}

/** Signs access tokens. */
export interface TokenIssuer {
  /** Says who the user is and what the user may do, as of now. */
  issue(user: User): Promise<AccessToken>;
}

/**
 * The active key is looked up for every token, so that all replicas change keys at the same moment and none signs with a
 * retired one; the look-up is nothing beside the password hash that comes before it. Only the opened key is kept.
 */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { keys, box, issuer, audience, lifetimeS, now = Date.now } = options;
  let opened: { readonly kid: string; readonly privateKey: CryptoKey } | undefined;

  async function activeKey(): Promise<{ readonly kid: string; readonly privateKey: CryptoKey }> {
    const key = await keys.findActive();
    invariant(key, 'no signing key is active, and start-up makes one');
    if (opened?.kid !== key.kid) opened = { kid: key.kid, privateKey: await box.open(key) };
    return opened;
  }

  return {
    async issue(user) {
      const { kid, privateKey } = await activeKey();
      const issuedAtS = Math.floor(now() / 1_000);
      const expiresAtS = issuedAtS + lifetimeS;
      const token = await new SignJWT({ roles: user.roles, superuser: user.isSuperuser })
        .setProtectedHeader({ alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(user.id)
        .setJti(newId())
        .setIssuedAt(issuedAtS)
        .setExpirationTime(expiresAtS)
        .sign(privateKey);
      return { token, expireTime: new Date(expiresAtS * 1_000) };
    },
  };
}
