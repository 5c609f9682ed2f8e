-- Customers who paid in cash below the reporting limit of 10,000, at three banks or more, and 40,000 in all.
SELECT customer,
  COUNT(*) AS deposits,
  COUNT(DISTINCT bank) AS banks,
  SUM(amount) AS total
FROM deposits JOIN accounts ON accounts.account = deposits.account
WHERE amount < 10000 AND day BETWEEN DATE '2026-09-01' AND DATE '2026-09-30'
GROUP BY customer
HAVING SUM(amount) >= 40000 AND COUNT(DISTINCT bank) >= 3
ORDER BY total DESC
