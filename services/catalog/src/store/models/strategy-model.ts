import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `chain_strategies`. The database sets the times, so that all replicas go by one clock. */
@Table({ tableName: 'chain_strategies', timestamps: false })
export class StrategyModel extends Model<
  InferAttributes<StrategyModel>,
  InferCreationAttributes<StrategyModel>
> {
  @Column({ type: DataType.UUID, field: 'id', primaryKey: true })
  declare id: string;

  @Column({ type: DataType.STRING(255), field: 'name' })
  declare name: string;

  @Column({ type: DataType.TEXT, field: 'description' })
  declare description: string;

  @Column({ type: DataType.UUID, field: 'created_by_id' })
  declare createdById: string;

  @Column({ type: DataType.BOOLEAN, field: 'is_active' })
  declare isActive: CreationOptional<boolean>;

  @Column({ type: DataType.ARRAY(DataType.STRING), field: 'tags' })
  declare tags: string[];

  @Column({ type: DataType.JSONB, field: 'metadata' })
  declare metadataJson: unknown;

  @Column({ type: DataType.DATE, field: 'created_at' })
  declare createdAt: CreationOptional<Date>;

  @Column({ type: DataType.DATE, field: 'updated_at' })
  declare updatedAt: CreationOptional<Date>;

  @Column({ type: DataType.INTEGER, field: 'version' })
  declare version: CreationOptional<number>;

  @Column({ type: DataType.STRING(20), field: 'event_detail' })
  declare eventDetail: string;

  @Column({ type: DataType.STRING(20), field: 'durability' })
  declare durability: string;

  @Column({ type: DataType.UUID, field: 'request_id' })
  declare requestId: string | null;

  @Column({ type: DataType.BLOB, field: 'request_digest' })
  declare requestDigest: Buffer | null;
}
