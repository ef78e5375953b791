import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Table `strategy_nodes`: the positions of strategies. */
@Table({ tableName: 'strategy_nodes', timestamps: false })
export class StrategyNodeModel extends Model<
  InferAttributes<StrategyNodeModel>,
  InferCreationAttributes<StrategyNodeModel>
> {
  @Column({ type: DataType.UUID, field: 'id', primaryKey: true })
  declare id: string;

  @Column({ type: DataType.UUID, field: 'strategy_id' })
  declare strategyId: string;

  @Column({ type: DataType.UUID, field: 'node_id' })
  declare nodeId: string;

  @Column({ type: DataType.INTEGER, field: 'position' })
  declare position: number;

  @Column({ type: DataType.JSONB, field: 'config' })
  declare config: unknown;

  @Column({ type: DataType.DATE, field: 'created_at' })
  declare createdAt: CreationOptional<Date>;

  @Column({ type: DataType.DATE, field: 'updated_at' })
  declare updatedAt: CreationOptional<Date>;

  @Column({ type: DataType.INTEGER, field: 'node_revision' })
  declare nodeRevision: number | null;
}
