-- Revenue that would be lost a year if small orders of a kind of part were not taken.
-- Rewritten: the average that depends on the outer part becomes a group of every part, which is joined; no division:
-- quantity < 0.2 · sum / count is 5 · quantity · count < sum.
-- Parameters: parts of one brand in any container.
-- original
SELECT SUM(l_extendedprice) / 7.0 AS avg_yearly
FROM lineitem, part
WHERE p_partkey = l_partkey AND p_brand = 'Brand#23'
  AND l_quantity < (SELECT 0.2 * AVG(l_quantity) FROM lineitem WHERE l_partkey = p_partkey)
-- statement
SELECT SUM(l_extendedprice) / 7.0 AS avg_yearly
FROM lineitem
JOIN part ON l_partkey = p_partkey
JOIN (
  SELECT l.l_partkey AS partkey, SUM(l.l_quantity) AS quantity, COUNT(*) AS lines
  FROM lineitem l
  GROUP BY l.l_partkey) ordered ON p_partkey = ordered.partkey
WHERE p_brand = 'Brand#23' AND 5 * l_quantity * ordered.lines < ordered.quantity
