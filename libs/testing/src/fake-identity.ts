import { randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair, type CryptoKey, type JWTPayload } from 'jose';
import { createServer } from 'nice-grpc';
import { ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE } from '@chain-processor/auth';
import { MethodNotImplementedError, toRpcError } from '@chain-processor/errors';
import { durationFromMs } from '@chain-processor/proto/duration';
import { AuthServiceDefinition, type Jwk } from '@chain-processor/proto/identity';

/** How a token is signed: as identity does, or in one of the ways that must not be believed. */
export type FakeSignature =
  | 'published-key'
  /** By a key of the right kind that identity never published, under the published key's id. */
  | 'other-key'
  /** By a key, and under an id, that identity never published. */
  | 'unknown-kid'
  /** With HMAC, taking the public key for the secret: a verifier that believes the header's `alg` falls for it. */
  | 'hs256'
  | 'none';

/** What a token says. Everything has a default that makes it good. */
export interface FakeTokenOptions {
  /** The user's id. Default: a new one for each token. */
  readonly subject?: string;
  /** Default none. */
  readonly roles?: readonly ('admin' | 'editor' | 'viewer')[];
  /** Default false. */
  readonly isSuperuser?: boolean;
  /** Seconds until it expires; negative for one that has. Default 600. */
  readonly expiresInS?: number;
  readonly issuer?: string;
  readonly audience?: string;
  /** The `typ` of the header. Default the one of access tokens. */
  readonly type?: string;
  /** Default `published-key`. */
  readonly signature?: FakeSignature;
}

/** Stands in for identity where a service only needs its keys: a real gRPC server with the one method GetJwks. */
export interface FakeIdentity {
  /** For `IDENTITY_TARGET`. */
  readonly target: string;
  /** For `TOKEN_ISSUER`. */
  readonly issuer: string;
  /** For `TOKEN_AUDIENCE`. */
  readonly audience: string;
  /** How often GetJwks was called. */
  readonly fetchCount: number;
  token(options?: FakeTokenOptions): Promise<string>;
  /** Stops answering; tokens can still be made. */
  stop(): Promise<void>;
}

const KEY_ID = 'fake-identity-key';

/** Starts it on a free port of the loopback interface. */
export async function startFakeIdentity(): Promise<FakeIdentity> {
  const issuer = 'fake-identity';
  const audience = 'fake-installation';
  const published = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const other = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { crv: 'Ed25519' });
  const jwk = await publicJwk(published.publicKey);
  let fetchCount = 0;

  const server = createServer();
  server.add(AuthServiceDefinition, {
    getJwks: async () => {
      fetchCount += 1;
      return { keys: [jwk], maxAge: durationFromMs(300_000) };
    },
    login: notFaked,
    refreshToken: notFaked,
    logout: notFaked,
    issueServiceToken: notFaked,
  });
  const port = await server.listen('127.0.0.1:0');

  async function sign(claims: JWTPayload, type: string, signature: FakeSignature): Promise<string> {
    const header = { typ: type, kid: signature === 'unknown-kid' ? 'never-published' : KEY_ID };
    switch (signature) {
      case 'none':
        return new UnsecuredJWT(claims).encode();
      case 'hs256':
        return new SignJWT(claims)
          .setProtectedHeader({ ...header, alg: 'HS256' })
          .sign(Buffer.from(jwk.x, 'base64url'));
      case 'published-key':
      case 'other-key':
      case 'unknown-kid': {
        const { privateKey } = signature === 'published-key' ? published : other;
        return new SignJWT(claims)
          .setProtectedHeader({ ...header, alg: ACCESS_TOKEN_ALGORITHM })
          .sign(privateKey);
      }
    }
  }

  return {
    target: `127.0.0.1:${port}`,
    issuer,
    audience,
    get fetchCount() {
      return fetchCount;
    },
    token(options = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: options.issuer ?? issuer,
        aud: options.audience ?? audience,
        sub: options.subject ?? randomUUID(),
        jti: randomUUID(),
        iat: now,
        exp: now + (options.expiresInS ?? 600),
        roles: [...(options.roles ?? [])],
        superuser: options.isSuperuser ?? false,
      };
      return sign(claims, options.type ?? ACCESS_TOKEN_TYPE, options.signature ?? 'published-key');
    },
    stop: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

async function publicJwk(key: CryptoKey): Promise<Jwk> {
  const { kty = '', crv = '', x = '' } = await exportJWK(key);
  return { kid: KEY_ID, kty, crv, x, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' };
}

function notFaked(): never {
  throw toRpcError(new MethodNotImplementedError('a method that the fake identity does not have'));
}
