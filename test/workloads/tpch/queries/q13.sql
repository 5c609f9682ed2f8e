-- How many customers have how many orders, those with none among them.
-- Rewritten: orders are counted by customer before the outer join, so that a customer meets one row and not all of
-- its orders; NOT LIKE is a flag that the owner computed.
-- original
SELECT c_count, COUNT(*) AS custdist
FROM (
  SELECT c_custkey, COUNT(o_orderkey) AS c_count
  FROM customer LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%'
  GROUP BY c_custkey) AS c_orders
GROUP BY c_count
ORDER BY custdist DESC, c_count DESC
-- statement
SELECT c_count, COUNT(*) AS custdist
FROM (
  SELECT CASE WHEN placed.orders IS NULL THEN 0 ELSE placed.orders END AS c_count
  FROM customer
  LEFT JOIN (
    SELECT o_custkey AS custkey, COUNT(*) AS orders
    FROM orders
    WHERE NOT o_special
    GROUP BY o_custkey) placed ON c_custkey = placed.custkey) AS c_orders
GROUP BY c_count
ORDER BY custdist DESC, c_count DESC
