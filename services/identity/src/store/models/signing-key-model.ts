import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `signing_keys`. */
@Table({ tableName: 'signing_keys', timestamps: false })
export class SigningKeyModel extends Model<
  InferAttributes<SigningKeyModel>,
  InferCreationAttributes<SigningKeyModel>
> {
  @Column({ type: DataType.TEXT, field: 'kid', primaryKey: true })
  declare kid: string;

  @Column({ type: DataType.TEXT, field: 'algorithm' })
  declare algorithm: string;

  @Column({ type: DataType.JSONB, field: 'public_jwk' })
  declare publicJwk: unknown;

  @Column({ type: DataType.TEXT, field: 'private_jwk_encrypted' })
  declare privateJwkEncrypted: string;

  @Column({ type: DataType.DATE, field: 'created_at' })
  declare createdAt: CreationOptional<Date>;

  @Column({ type: DataType.DATE, field: 'activates_at' })
  declare activatesAt: Date;

  @Column({ type: DataType.DATE, field: 'retires_at' })
  declare retiresAt: CreationOptional<Date | null>;
}
