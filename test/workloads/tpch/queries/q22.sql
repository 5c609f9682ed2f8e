-- Customers with a balance above the average and without orders, by the country code of their phone.
-- Rewritten: the code is a column. The average and the subqueries are as in the original.
-- original
SELECT cntrycode, COUNT(*) AS numcust, SUM(c_acctbal) AS totacctbal
FROM (
  SELECT SUBSTRING(c_phone FROM 1 FOR 2) AS cntrycode, c_acctbal
  FROM customer
  WHERE SUBSTRING(c_phone FROM 1 FOR 2) IN ('13', '31', '23', '29', '30', '18', '17')
    AND c_acctbal > (
      SELECT AVG(c_acctbal) FROM customer
      WHERE c_acctbal > 0.00 AND SUBSTRING(c_phone FROM 1 FOR 2) IN ('13', '31', '23', '29', '30', '18', '17'))
    AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey)) AS custsale
GROUP BY cntrycode
ORDER BY cntrycode
-- compared
CAST(cntrycode AS BIGINT), numcust, totacctbal
-- statement
SELECT c_code, COUNT(*) AS numcust, SUM(c_acctbal) AS totacctbal
FROM customer
WHERE c_code IN (13, 31, 23, 29, 30, 18, 17)
  AND c_acctbal > (
    SELECT AVG(c_acctbal) FROM customer WHERE c_acctbal > 0.00 AND c_code IN (13, 31, 23, 29, 30, 18, 17))
  AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey)
GROUP BY c_code
ORDER BY c_code
