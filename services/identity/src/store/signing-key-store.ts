import { Op, fn } from 'sequelize';
import { z } from 'zod';
import type { Database, Transaction } from '@chain-processor/db';
import type { SigningKey } from '../domain/signing-key.js';
import { SigningKeyModel } from './models/signing-key-model.js';

/** The table `signing_keys`. The database's clock says which key is active. */
export interface SigningKeyStore {
  /** The key that signs now: the one that became active last and is not retired. */
  findActive(transaction?: Transaction): Promise<SigningKey | undefined>;
  /** The keys that a valid token may be signed with now or soon, newest first. */
  listPublished(): Promise<readonly SigningKey[]>;
  /** Stores a key that is active at once. */
  insertActive(key: SigningKey, transaction: Transaction): Promise<void>;
}

const publicKeySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });

export function createSigningKeyStore({ database }: { readonly database: Database }): SigningKeyStore {
  const keys = database.sequelize.getRepository(SigningKeyModel);
  // Not now(), which stands still in a transaction: whoever waited for the start-up lock must see what the one before made.
  const clock = fn('clock_timestamp');
  const unretired = { retiresAt: { [Op.or]: [{ [Op.is]: null }, { [Op.gt]: clock }] } };

  return {
    async findActive(transaction) {
      const row = await keys.findOne({
        where: { ...unretired, activatesAt: { [Op.lte]: clock } },
        order: [['activatesAt', 'DESC']],
        ...(transaction === undefined ? {} : { transaction }),
      });
      return row === null ? undefined : toSigningKey(row);
    },

    async listPublished() {
      const rows = await keys.findAll({ where: unretired, order: [['activatesAt', 'DESC']] });
      return rows.map(toSigningKey);
    },

    async insertActive({ kid, publicKey, encryptedPrivateKey }, transaction) {
      await database.query(
        `insert into signing_keys (kid, algorithm, public_jwk, private_jwk_encrypted, activates_at)
         values ($1, 'EdDSA', $2::jsonb, $3, clock_timestamp())`,
        { bind: [kid, JSON.stringify(publicKey), encryptedPrivateKey], transaction },
      );
    },
  };
}

function toSigningKey(row: SigningKeyModel): SigningKey {
  return {
    kid: row.kid,
    publicKey: publicKeySchema.parse(row.publicJwk),
    encryptedPrivateKey: row.privateJwkEncrypted,
  };
}
