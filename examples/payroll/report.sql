-- Pay by country, grade and gender over all subsidiaries, full-time staff only.
SELECT country, grade, gender, COUNT(*) AS headcount, AVG(monthly_pay) AS mean_pay
FROM payroll
WHERE full_time
GROUP BY country, grade, gender
ORDER BY country, grade, gender
