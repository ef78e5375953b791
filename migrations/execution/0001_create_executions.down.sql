drop table node_executions;
drop table chain_executions;
drop table execution_plans;
