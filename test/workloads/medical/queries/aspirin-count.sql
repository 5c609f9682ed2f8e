-- How many patients were given aspirin on or after the day that heart disease was found.
-- Rewritten: the join of all diagnoses with all medications of a patient becomes a join of the first day of the
-- diagnosis with the last day of the medication: some pair is in order exactly where these two are.
-- original
SELECT COUNT(DISTINCT d.patient) AS patients
FROM diagnosis d JOIN medication m ON d.patient = m.patient
WHERE d.diag = 'heart disease' AND m.medication = 'aspirin' AND d.day <= m.day
-- statement
SELECT COUNT(*) AS patients
FROM (
  SELECT patient, MIN(day) AS found
  FROM diagnosis
  WHERE diag = 'heart disease'
  GROUP BY patient) ill
JOIN (
  SELECT patient, MAX(day) AS given
  FROM medication
  WHERE medication = 'aspirin'
  GROUP BY patient) treated ON ill.patient = treated.patient
WHERE ill.found <= treated.given
