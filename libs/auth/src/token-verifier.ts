import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { Role } from '@chain-processor/proto/identity';
import { TokenExpiredError, TokenInvalidError, TokenMalformedError } from './auth-errors.js';
import type { Principal } from './principal.js';

/** The one algorithm that access tokens are signed with (RFC 8037). */
export const ACCESS_TOKEN_ALGORITHM = 'EdDSA';
/** The `typ` header of access tokens (RFC 9068), so that no other JWT passes for one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

const CLOCK_TOLERANCE_S = 5;
/** No token of ours lives longer; one that says so was not made by identity's rules. */
const MAX_TOKEN_AGE = '15 minutes';

const claimsSchema = z.object({
  sub: z.uuid(),
  jti: z.string().min(1),
  exp: z.number(),
  roles: z.array(z.string()),
  superuser: z.boolean(),
});

/** Verifies access tokens. */
export interface TokenVerifier {
  /**
   * @throws TokenMalformedError, TokenExpiredError or TokenInvalidError (all UNAUTHENTICATED); DependencyUnavailableError when no
   *   key could ever be fetched.
   */
  verify(accessToken: string): Promise<Principal>;
}

export interface TokenVerifierOptions {
  /** Expected `iss`. */
  readonly issuer: string;
  /** Expected `aud`. */
  readonly audience: string;
  /** Finds the public key for a token's `kid`. */
  readonly getKey: JWTVerifyGetKey;
}

const knownRoles = new Map<string, Role>([
  ['admin', Role.ADMIN],
  ['editor', Role.EDITOR],
  ['viewer', Role.VIEWER],
]);

/**
 * Pins algorithm, type, issuer and audience, requires `kid`, `sub`, `jti`, `exp` and `iat`, and bounds the age (RFC 8725). A
 * clock may be off by {@link CLOCK_TOLERANCE_S} seconds.
 */
export function createTokenVerifier({ issuer, audience, getKey }: TokenVerifierOptions): TokenVerifier {
  // A token that names no key would be tried with whichever fits.
  const getKeyById: JWTVerifyGetKey = (header, token) => {
    if (header.kid === undefined) throw new errors.JWKSNoMatchingKey();
    return getKey(header, token);
  };

  return {
    async verify(accessToken) {
      try {
        const { payload } = await jwtVerify(accessToken, getKeyById, {
          issuer,
          audience,
          algorithms: [ACCESS_TOKEN_ALGORITHM],
          typ: ACCESS_TOKEN_TYPE,
          requiredClaims: ['sub', 'jti', 'exp', 'iat'],
          clockTolerance: CLOCK_TOLERANCE_S,
          maxTokenAge: MAX_TOKEN_AGE,
        });
        const claims = claimsSchema.parse(payload);
        return {
          id: claims.sub,
          roles: new Set(claims.roles.flatMap((name) => knownRoles.get(name) ?? [])),
          isSuperuser: claims.superuser,
          tokenId: claims.jti,
          expireTime: new Date(claims.exp * 1_000),
          accessToken,
        };
      } catch (error) {
        throw tokenError(error);
      }
    },
  };
}

/** What jose and zod say about a token; anything else is a fault of ours and stays what it is. */
function tokenError(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenExpiredError(error);
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return new TokenMalformedError(error);
  return error instanceof errors.JOSEError || error instanceof z.ZodError
    ? new TokenInvalidError(error)
    : error;
}
