-- Which of our cases were born on the same day as somebody on the other list whose name is written much alike?
SELECT case_number
FROM missing JOIN found ON found.born = missing.born AND SIMILARITY(missing.spelling, found.spelling) >= 0.5
ORDER BY case_number
