-- Which of today's applications are by a person who is on any list now?
SELECT application
FROM listed JOIN applicants ON applicants.person = listed.person
WHERE until >= DATE '2026-11-01'
GROUP BY application
ORDER BY application
