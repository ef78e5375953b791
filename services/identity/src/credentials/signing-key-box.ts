import {
  CompactEncrypt,
  calculateJwkThumbprint,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
} from 'jose';
import { z } from 'zod';
import { ACCESS_TOKEN_ALGORITHM } from '@chain-processor/auth';
import { InvariantError } from '@chain-processor/errors';
import { SigningKeyUnreadableError } from '../domain/errors.js';
import type { SigningKey } from '../domain/signing-key.js';

/** Makes signing keys and opens them again; the private halves are stored encrypted only. */
export interface SigningKeyBox {
  /** A new key pair. */
  generate(): Promise<SigningKey>;
  /**
   * The private half.
   *
   * @throws SigningKeyUnreadableError when it was encrypted with another key or belongs to another `kid`.
   */
  open(key: SigningKey): Promise<CryptoKey>;
}

const keyPairSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
});

/** @param options.encryptionKey 32 bytes. */
export function createSigningKeyBox({
  encryptionKey,
}: {
  readonly encryptionKey: Uint8Array;
}): SigningKeyBox {
  return {
    async generate() {
      const pair = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true });
      const { d, ...publicKey } = keyPairSchema.parse(await exportJWK(pair.privateKey));
      const kid = await calculateJwkThumbprint(publicKey);
      const encryptedPrivateKey = await new CompactEncrypt(Buffer.from(JSON.stringify({ ...publicKey, d })))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
        .encrypt(encryptionKey);
      return { kid, publicKey, encryptedPrivateKey };
    },

    async open({ kid, encryptedPrivateKey }) {
      const keyPair = await decrypt(kid, encryptedPrivateKey, encryptionKey);
      const privateKey = await importJWK(keyPair, ACCESS_TOKEN_ALGORITHM);
      if (privateKey instanceof Uint8Array) throw new InvariantError('an OKP key was imported as a secret');
      return privateKey;
    },
  };
}

async function decrypt(kid: string, encryptedPrivateKey: string, encryptionKey: Uint8Array) {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(encryptedPrivateKey, encryptionKey, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    if (protectedHeader.kid !== kid)
      throw new InvariantError('the row holds the private half of another key');
    return keyPairSchema.parse(JSON.parse(Buffer.from(plaintext).toString('utf8')));
  } catch (error) {
    throw new SigningKeyUnreadableError(kid, { cause: error });
  }
}
