-- The hundred largest orders.
-- Rewritten: the orders that IN looks for carry their quantity along, so that lines are grouped once; the name follows
-- from the customer's key, so that the join with customers falls away.
-- Parameters: more than 250 pieces instead of 300.
-- original
SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, SUM(l_quantity)
FROM customer, orders, lineitem
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING SUM(l_quantity) > 250)
  AND c_custkey = o_custkey AND o_orderkey = l_orderkey
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
ORDER BY o_totalprice DESC, o_orderdate
LIMIT 100
-- compared
c_custkey, o_orderkey, o_orderdate, o_totalprice, COLUMNS('sum.*')
-- statement
SELECT o_custkey, o_orderkey, o_orderdate, o_totalprice, large.quantity
FROM orders
JOIN (
  SELECT l_orderkey AS orderkey, SUM(l_quantity) AS quantity
  FROM lineitem
  GROUP BY l_orderkey
  HAVING SUM(l_quantity) > 250) large ON o_orderkey = large.orderkey
ORDER BY o_totalprice DESC, o_orderdate
LIMIT 100
