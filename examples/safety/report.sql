-- Wildlife strikes since 1993 that cost less than a million dollars each, by phase of flight and size of the animal.
SELECT phase_of_flight, wildlife_size, COUNT(*) AS strikes, SUM(cost) AS total_cost, AVG(speed) AS mean_speed
FROM strikes
WHERE flight_date >= DATE '1993-01-01' AND cost < 1000000
GROUP BY phase_of_flight, wildlife_size
ORDER BY phase_of_flight, wildlife_size
