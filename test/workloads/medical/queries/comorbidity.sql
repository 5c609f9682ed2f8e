-- The diagnoses that patients with C. diff. have most often besides.
-- Rewritten: the cohort is a condition with IN, evaluated as a join that gives rows of one side; every tie of the tenth
-- place is settled by name.
-- original
WITH cohort AS (SELECT DISTINCT patient FROM diagnosis WHERE diag = 'c. diff')
SELECT d.diag, COUNT(*) AS cases
FROM diagnosis d JOIN cohort c ON d.patient = c.patient
WHERE d.diag <> 'c. diff'
GROUP BY d.diag
ORDER BY cases DESC, d.diag
LIMIT 10
-- statement
SELECT diag, COUNT(*) AS cases
FROM diagnosis
WHERE diag <> 'c. diff' AND patient IN (SELECT other.patient FROM diagnosis other WHERE other.diag = 'c. diff')
GROUP BY diag
ORDER BY cases DESC, diag
LIMIT 10
