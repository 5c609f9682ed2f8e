-- Pay by country and grade over all subsidiaries, women and men apart.
SELECT country, grade,
  COUNT(*) AS staff,
  AVG(CASE WHEN gender = 'female' THEN monthly_pay END) AS women_mean,
  AVG(CASE WHEN gender = 'male' THEN monthly_pay END) AS men_mean,
  MEDIAN(monthly_pay) AS median_pay
FROM payroll
GROUP BY country, grade
ORDER BY country, grade
