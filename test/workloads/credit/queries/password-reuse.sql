-- How many persons use one password at several sites.
-- Rewritten: persons are counted and not listed.
-- original
SELECT COUNT(DISTINCT person) AS persons
FROM (SELECT person FROM passwords GROUP BY person, hash HAVING COUNT(*) > 1)
-- statement
SELECT COUNT(DISTINCT reused.person) AS persons
FROM (
  SELECT person, hash, COUNT(*) AS sites
  FROM passwords
  GROUP BY person, hash
  HAVING COUNT(*) > 1) reused
