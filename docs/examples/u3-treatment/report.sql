-- How quality of life changes in either arm of the study, from the age of 40, and whether that depends on age.
SELECT arm,
  COUNT(*) AS patients,
  AVG(change) AS mean_change,
  STDDEV_SAMP(change) AS sd_change,
  REGR_SLOPE(change, age) AS change_per_year_of_age
FROM (
  SELECT arm, age, score_after - score_before AS change
  FROM treatments JOIN outcomes ON outcomes.patient = treatments.patient
  WHERE age >= 40) AS study
GROUP BY arm
ORDER BY arm
