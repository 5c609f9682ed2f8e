-- Profit by nation and year for a line of parts.
-- Rewritten: the year is a CASE; LIKE '%green%' is a flag that the owner computed.
-- original
SELECT nation, o_year, SUM(amount) AS sum_profit
FROM (
  SELECT n_name AS nation, EXTRACT(YEAR FROM o_orderdate) AS o_year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation
  WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
    AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey AND p_name LIKE '%green%') AS profit
GROUP BY nation, o_year
ORDER BY nation, o_year DESC
-- statement
SELECT nation, o_year, SUM(amount) AS sum_profit
FROM (
  SELECT n_name AS nation,
    CASE WHEN o_orderdate < DATE '1993-01-01' THEN 1992 WHEN o_orderdate < DATE '1994-01-01' THEN 1993
      WHEN o_orderdate < DATE '1995-01-01' THEN 1994 WHEN o_orderdate < DATE '1996-01-01' THEN 1995
      WHEN o_orderdate < DATE '1997-01-01' THEN 1996 WHEN o_orderdate < DATE '1998-01-01' THEN 1997
      ELSE 1998 END AS o_year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM lineitem
  JOIN part ON l_partkey = p_partkey
  JOIN supplier ON l_suppkey = s_suppkey
  JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey
  JOIN orders ON l_orderkey = o_orderkey
  JOIN nation ON s_nationkey = n_nationkey
  WHERE p_green) AS profit
GROUP BY nation, o_year
ORDER BY nation, o_year DESC
