-- How many suppliers can supply parts of a kind, without those that customers complain about.
-- Rewritten: NOT IN over keys that are never NULL is NOT EXISTS; the type is three words; the comment is a flag.
-- original
SELECT p_brand, p_type, p_size, COUNT(DISTINCT ps_suppkey) AS supplier_cnt
FROM partsupp, part
WHERE p_partkey = ps_partkey AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%'
  AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY p_brand, p_type, p_size
ORDER BY supplier_cnt DESC, p_brand, p_type, p_size
-- compared
p_brand, split_part(p_type, ' ', 1), split_part(p_type, ' ', 2), split_part(p_type, ' ', 3), p_size, supplier_cnt
-- statement
SELECT p_brand, p_class, p_finish, p_metal, p_size, COUNT(DISTINCT ps_suppkey) AS supplier_cnt
FROM partsupp
JOIN part ON ps_partkey = p_partkey
WHERE p_brand <> 'Brand#45' AND NOT (p_class = 'MEDIUM' AND p_finish = 'POLISHED')
  AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND NOT EXISTS (SELECT * FROM supplier WHERE s_suppkey = ps_suppkey AND s_complaints)
GROUP BY p_brand, p_class, p_finish, p_metal, p_size
ORDER BY supplier_cnt DESC, p_brand, p_class, p_finish, p_metal, p_size
