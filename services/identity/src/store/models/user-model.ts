import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `users`. The database sets the times, so that all replicas go by one clock. */
@Table({ tableName: 'users', timestamps: false })
export class UserModel extends Model<InferAttributes<UserModel>, InferCreationAttributes<UserModel>> {
  @Column({ type: DataType.UUID, field: 'id', primaryKey: true })
  declare id: string;

  @Column({ type: DataType.STRING(255), field: 'email' })
  declare email: string;

  @Column({ type: DataType.STRING(255), field: 'password_hash' })
  declare passwordHash: string;

  @Column({ type: DataType.STRING(255), field: 'full_name' })
  declare fullName: string;

  @Column({ type: DataType.BOOLEAN, field: 'is_active' })
  declare isActive: CreationOptional<boolean>;

  @Column({ type: DataType.BOOLEAN, field: 'is_superuser' })
  declare isSuperuser: boolean;

  @Column({ type: DataType.ARRAY(DataType.STRING), field: 'roles' })
  declare roles: string[];

  @Column({ type: DataType.JSONB, field: 'preferences' })
  declare preferences: unknown;

  @Column({ type: DataType.DATE, field: 'last_login' })
  declare lastLogin: CreationOptional<Date | null>;

  @Column({ type: DataType.DATE, field: 'created_at' })
  declare createdAt: CreationOptional<Date>;

  @Column({ type: DataType.DATE, field: 'updated_at' })
  declare updatedAt: CreationOptional<Date>;

  @Column({ type: DataType.INTEGER, field: 'version' })
  declare version: CreationOptional<number>;

  @Column({ type: DataType.UUID, field: 'created_by_id' })
  declare createdById: string | null;

  @Column({ type: DataType.UUID, field: 'request_id' })
  declare requestId: string | null;

  @Column({ type: DataType.BLOB, field: 'request_digest' })
  declare requestDigest: Buffer | null;
}
