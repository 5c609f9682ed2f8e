-- Addresses that at least five organisations saw, the most widespread first.
SELECT address,
  COUNT(DISTINCT organisation) AS organisations,
  SUM(hits) AS hits
FROM sightings
GROUP BY address
HAVING COUNT(DISTINCT organisation) >= 5
ORDER BY organisations DESC, address
