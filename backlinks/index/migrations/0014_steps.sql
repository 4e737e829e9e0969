-- How many links a domain stands from the nearest trusted seed: 0 is a seed, -1 unknown (no seed is in the graph), 100
-- farther than anybody counted, or no way leads there.
ALTER TABLE authority ADD COLUMN IF NOT EXISTS hops Int8 DEFAULT -1;
-- The first days of the releases of the domain graph that had a domain; read them by uniting them.
ALTER TABLE domain_days ADD COLUMN IF NOT EXISTS releases SimpleAggregateFunction(groupUniqArrayArray, Array(Date));
