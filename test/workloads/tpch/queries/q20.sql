-- Suppliers of a nation with more than half a year's demand of a part in stock.
-- Rewritten: the sum that depends on the outer part and supplier becomes a group of both, which is joined; LIKE
-- 'forest%' is a flag that the owner computed; name and address follow from the supplier's key.
-- Parameters: France.
-- original
SELECT s_name, s_address
FROM supplier, nation
WHERE s_suppkey IN (
    SELECT ps_suppkey FROM partsupp
    WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%')
      AND ps_availqty > (
        SELECT 0.5 * SUM(l_quantity) FROM lineitem
        WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey AND l_shipdate >= DATE '1994-01-01'
          AND l_shipdate < DATE '1994-01-01' + INTERVAL '1' YEAR))
  AND s_nationkey = n_nationkey AND n_name = 'FRANCE'
ORDER BY s_name
-- compared
CAST(right(s_name, 9) AS BIGINT)
-- statement
SELECT s_suppkey
FROM supplier
JOIN nation ON s_nationkey = n_nationkey
WHERE n_name = 'FRANCE'
  AND s_suppkey IN (
    SELECT ps_suppkey
    FROM partsupp
    JOIN part ON ps_partkey = p_partkey
    JOIN (
      SELECT l_partkey AS partkey, l_suppkey AS suppkey, SUM(l_quantity) AS quantity
      FROM lineitem
      WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
      GROUP BY l_partkey, l_suppkey) shipped ON ps_partkey = shipped.partkey AND ps_suppkey = shipped.suppkey
    WHERE p_forest AND ps_availqty > 0.5 * shipped.quantity)
ORDER BY s_suppkey
