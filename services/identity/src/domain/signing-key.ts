/** The public half of an Ed25519 key (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** base64url without padding. */
  readonly x: string;
}

/** A key pair that signs access tokens. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public half; the `kid` of tokens. */
  readonly kid: string;
  readonly publicKey: PublicKey;
  /** The private half as a compact JWE; only the process's own key opens it. */
  readonly encryptedPrivateKey: string;
}

/**
 * How long verifiers may keep the published keys, in seconds. A new key is published this long before it signs, except the
 * very first, which nobody can have missed.
 */
export const JWKS_MAX_AGE_S = 300;
