-- The suppliers that contributed most revenue in a quarter.
-- Rewritten: the view stands where it is used, its maximum is one row beside it; name, address and phone follow from
-- the supplier's key, which stands for them, so that the join with suppliers falls away.
-- original
WITH revenue AS (
  SELECT l_suppkey AS supplier_no, SUM(l_extendedprice * (1 - l_discount)) AS total_revenue
  FROM lineitem
  WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-01-01' + INTERVAL '3' MONTH
  GROUP BY l_suppkey)
SELECT s_suppkey, s_name, s_address, s_phone, total_revenue
FROM supplier, revenue
WHERE s_suppkey = supplier_no AND total_revenue = (SELECT MAX(total_revenue) FROM revenue)
ORDER BY s_suppkey
-- compared
s_suppkey, total_revenue
-- statement
SELECT revenue.supplier_no, revenue.total_revenue
FROM (
  SELECT l_suppkey AS supplier_no, SUM(l_extendedprice * (1 - l_discount)) AS total_revenue
  FROM lineitem
  WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01'
  GROUP BY l_suppkey) revenue
CROSS JOIN (
  SELECT MAX(each_one.total_revenue) AS most
  FROM (
    SELECT l_suppkey AS supplier_no, SUM(l_extendedprice * (1 - l_discount)) AS total_revenue
    FROM lineitem
    WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01'
    GROUP BY l_suppkey) each_one) top
WHERE revenue.total_revenue = top.most
ORDER BY revenue.supplier_no
