-- Revenue from three kinds of parts in three ranges of quantity.
-- Rewritten: the equality of part keys, which stands in each of the three conditions, is the join.
-- Parameters: a manufacturer each instead of a brand, and any way of delivery in person or without instruction.
-- original
SELECT SUM(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem, part
WHERE (p_partkey = l_partkey AND p_mfgr = 'Manufacturer#1'
    AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG') AND l_quantity >= 1 AND l_quantity <= 1 + 10
    AND p_size BETWEEN 1 AND 25 AND l_shipmode IN ('AIR', 'REG AIR')
    AND l_shipinstruct IN ('DELIVER IN PERSON', 'NONE'))
  OR (p_partkey = l_partkey AND p_mfgr = 'Manufacturer#2'
    AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK') AND l_quantity >= 10 AND l_quantity <= 10 + 10
    AND p_size BETWEEN 1 AND 30 AND l_shipmode IN ('AIR', 'REG AIR')
    AND l_shipinstruct IN ('DELIVER IN PERSON', 'NONE'))
  OR (p_partkey = l_partkey AND p_mfgr = 'Manufacturer#3'
    AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG') AND l_quantity >= 20 AND l_quantity <= 20 + 10
    AND p_size BETWEEN 1 AND 35 AND l_shipmode IN ('AIR', 'REG AIR')
    AND l_shipinstruct IN ('DELIVER IN PERSON', 'NONE'))
-- statement
SELECT SUM(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem
JOIN part ON l_partkey = p_partkey
WHERE l_shipmode IN ('AIR', 'REG AIR') AND l_shipinstruct IN ('DELIVER IN PERSON', 'NONE')
  AND ((p_mfgr = 'Manufacturer#1' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
      AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 25)
    OR (p_mfgr = 'Manufacturer#2' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
      AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 30)
    OR (p_mfgr = 'Manufacturer#3' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
      AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 35))
