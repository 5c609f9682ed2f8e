-- How many patients of either arm were last seen in each half-year, and how many of them died: a life table.
SELECT arm, half_year,
  COUNT(*) AS last_seen,
  COUNT(CASE WHEN died THEN 1 END) AS deaths
FROM treatments JOIN outcomes ON outcomes.patient = treatments.patient
WHERE age >= 40
GROUP BY arm, half_year
ORDER BY arm, half_year
