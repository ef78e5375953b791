import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `chain_executions`. Read through this model; written by the statements of the execution store only. */
@Table({ tableName: 'chain_executions', timestamps: false })
export class ChainExecutionModel extends Model<
  InferAttributes<ChainExecutionModel>,
  InferCreationAttributes<ChainExecutionModel>
> {
  @Column({ type: DataType.UUID, field: 'id', primaryKey: true })
  declare id: string;

  @Column({ type: DataType.UUID, field: 'strategy_id', allowNull: false })
  declare strategyId: string;

  @Column({ type: DataType.INTEGER, field: 'strategy_revision', allowNull: false })
  declare strategyRevision: number;

  @Column({ type: DataType.BLOB, field: 'plan_digest', allowNull: false })
  declare planDigest: Buffer;

  @Column({ type: DataType.TEXT, field: 'input_text', allowNull: false })
  declare inputText: string;

  @Column({ type: DataType.TEXT, field: 'output_text' })
  declare outputText: string | null;

  @Column({ type: DataType.TEXT, field: 'error' })
  declare error: string | null;

  @Column({ type: DataType.STRING(63), field: 'error_reason' })
  declare errorReason: string | null;

  @Column({ type: DataType.INTEGER, field: 'error_position' })
  declare errorPosition: number | null;

  @Column({ type: DataType.STRING(20), field: 'status', allowNull: false })
  declare status: string;

  @Column({ type: DataType.DATE, field: 'started_at' })
  declare startedAt: Date | null;

  @Column({ type: DataType.DATE, field: 'completed_at' })
  declare completedAt: Date | null;

  @Column({ type: DataType.INTEGER, field: 'execution_time_ms' })
  declare executionTimeMs: number | null;

  @Column({ type: DataType.UUID, field: 'created_by_id', allowNull: false })
  declare createdById: string;

  @Column({ type: DataType.JSONB, field: 'metadata', allowNull: false })
  declare metadataJson: unknown;

  @Column({ type: DataType.DATE, field: 'created_at', allowNull: false })
  declare createdAt: Date;

  @Column({ type: DataType.DATE, field: 'updated_at', allowNull: false })
  declare updatedAt: Date;

  @Column({ type: DataType.INTEGER, field: 'version', allowNull: false })
  declare version: number;

  @Column({ type: DataType.UUID, field: 'request_id' })
  declare requestId: string | null;

  @Column({ type: DataType.BLOB, field: 'request_digest' })
  declare requestDigest: Buffer | null;
}
