import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `node_executions`. Read through this model; written by the statements of the execution store only. */
@Table({ tableName: 'node_executions', timestamps: false })
export class NodeExecutionModel extends Model<
  InferAttributes<NodeExecutionModel>,
  InferCreationAttributes<NodeExecutionModel>
> {
  @Column({ type: DataType.UUID, field: 'id', primaryKey: true })
  declare id: string;

  @Column({ type: DataType.UUID, field: 'execution_id', allowNull: false })
  declare executionId: string;

  @Column({ type: DataType.UUID, field: 'node_id', allowNull: false })
  declare nodeId: string;

  @Column({ type: DataType.INTEGER, field: 'node_revision', allowNull: false })
  declare nodeRevision: number;

  @Column({ type: DataType.INTEGER, field: 'position', allowNull: false })
  declare position: number;

  @Column({ type: DataType.INTEGER, field: 'attempt', allowNull: false })
  declare attempt: number;

  @Column({ type: DataType.STRING(20), field: 'status', allowNull: false })
  declare status: string;

  @Column({ type: DataType.TEXT, field: 'input_text', allowNull: false })
  declare inputText: string;

  @Column({ type: DataType.TEXT, field: 'output_text' })
  declare outputText: string | null;

  @Column({ type: DataType.TEXT, field: 'error' })
  declare error: string | null;

  @Column({ type: DataType.STRING(63), field: 'error_reason' })
  declare errorReason: string | null;

  @Column({ type: DataType.DATE, field: 'started_at' })
  declare startedAt: Date | null;

  @Column({ type: DataType.DATE, field: 'completed_at' })
  declare completedAt: Date | null;

  @Column({ type: DataType.INTEGER, field: 'execution_time_ms' })
  declare executionTimeMs: number | null;

  @Column({ type: DataType.JSONB, field: 'metadata', allowNull: false })
  declare metadataJson: unknown;
}
