-- How many persons got scores that lie more than 100 apart in one year.
-- Rewritten: persons are counted and not listed.
-- original
SELECT COUNT(DISTINCT person) AS persons
FROM (
  SELECT a.person
  FROM scores a JOIN scores b ON a.person = b.person AND a.year = b.year
  WHERE a.year = 2023 AND a.score - b.score > 100)
-- statement
SELECT COUNT(*) AS persons
FROM (
  SELECT person, MIN(score) AS least, MAX(score) AS most
  FROM scores
  WHERE year = 2023
  GROUP BY person) rated
WHERE rated.most - rated.least > 100
