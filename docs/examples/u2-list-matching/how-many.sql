-- How many of our cases are about a person on the other list? Enough to know whether asking for more is worth it.
SELECT COUNT(*) AS cases
FROM missing JOIN found ON found.person = missing.person
