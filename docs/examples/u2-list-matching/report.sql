-- Which of our cases are about a person on the other list?
SELECT case_number
FROM missing JOIN found ON found.person = missing.person
ORDER BY case_number
