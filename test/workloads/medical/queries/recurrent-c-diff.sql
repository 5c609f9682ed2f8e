-- How many patients had C. diff. again 15 to 56 days after they had it.
-- Rewritten: a row is compared with the one before it (LAG) and not, by its number, with every other; the patients are
-- counted and not listed.
-- original
WITH numbered AS (
  SELECT patient, day, ROW_NUMBER() OVER (PARTITION BY patient ORDER BY day) AS place
  FROM diagnosis WHERE diag = 'c. diff')
SELECT COUNT(DISTINCT a.patient) AS patients
FROM numbered a JOIN numbered b ON a.patient = b.patient AND b.place = a.place + 1
WHERE b.day - a.day BETWEEN 15 AND 56
-- statement
SELECT COUNT(DISTINCT visits.patient) AS patients
FROM (
  SELECT patient, day, LAG(day) OVER (PARTITION BY patient ORDER BY day) AS before
  FROM diagnosis
  WHERE diag = 'c. diff') visits
WHERE visits.day - visits.before BETWEEN 15 AND 56
