-- Exposure by sector over the banks of the group, and how much of it is overdue.
SELECT sector,
  COUNT(*) AS loans,
  SUM(amount) AS exposure,
  SUM(CASE WHEN overdue THEN amount END) AS overdue
FROM loans
GROUP BY sector
ORDER BY sector
