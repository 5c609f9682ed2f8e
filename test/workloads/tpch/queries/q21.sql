-- Suppliers that alone kept an order of several suppliers waiting.
-- Rewritten: "another supplier" and "no other late supplier" follow from the least and greatest supplier key of the
-- order's lines, and of its late lines: one group of every order, which is joined, in place of two joins of lines
-- with lines. The name follows from the supplier's key.
-- original
SELECT s_name, COUNT(*) AS numwait
FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F'
  AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (
    SELECT * FROM lineitem l3
    WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY s_name
ORDER BY numwait DESC, s_name
LIMIT 100
-- compared
CAST(right(s_name, 9) AS BIGINT), numwait
-- statement
SELECT l_suppkey, COUNT(*) AS numwait
FROM lineitem
JOIN orders ON l_orderkey = o_orderkey
JOIN supplier ON l_suppkey = s_suppkey
JOIN nation ON s_nationkey = n_nationkey
JOIN (
  SELECT l.l_orderkey AS orderkey, MIN(l.l_suppkey) AS least, MAX(l.l_suppkey) AS greatest,
    MIN(CASE WHEN l.l_receiptdate > l.l_commitdate THEN l.l_suppkey END) AS least_late,
    MAX(CASE WHEN l.l_receiptdate > l.l_commitdate THEN l.l_suppkey END) AS greatest_late
  FROM lineitem l
  GROUP BY l.l_orderkey) involved ON o_orderkey = involved.orderkey
WHERE o_orderstatus = 'F' AND l_receiptdate > l_commitdate AND involved.least < involved.greatest
  AND involved.least_late = involved.greatest_late AND n_name = 'SAUDI ARABIA'
GROUP BY l_suppkey
ORDER BY numwait DESC, l_suppkey
LIMIT 100
