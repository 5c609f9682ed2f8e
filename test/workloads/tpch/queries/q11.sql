-- Parts that are a large part of the stock in a nation.
-- Rewritten: the total of HAVING's subquery is one row beside the groups.
-- Parameters: the fraction is divided by the scale factor, as specified; here a hundredth.
-- original
SELECT ps_partkey, SUM(ps_supplycost * ps_availqty) AS value
FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY'
GROUP BY ps_partkey
HAVING SUM(ps_supplycost * ps_availqty) > (
  SELECT SUM(ps_supplycost * ps_availqty) * 0.01
  FROM partsupp, supplier, nation
  WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY')
ORDER BY value DESC
-- statement
SELECT stock.partkey, stock.worth
FROM (
  SELECT ps_partkey AS partkey, SUM(ps_supplycost * ps_availqty) AS worth
  FROM partsupp
  JOIN supplier ON ps_suppkey = s_suppkey
  JOIN nation ON s_nationkey = n_nationkey
  WHERE n_name = 'GERMANY'
  GROUP BY ps_partkey) stock
CROSS JOIN (
  SELECT SUM(ps_supplycost * ps_availqty) AS total
  FROM partsupp
  JOIN supplier ON ps_suppkey = s_suppkey
  JOIN nation ON s_nationkey = n_nationkey
  WHERE n_name = 'GERMANY') everything
WHERE stock.worth > everything.total * 0.01
ORDER BY stock.worth DESC
