drop table strategy_nodes;
drop table chain_strategies;
