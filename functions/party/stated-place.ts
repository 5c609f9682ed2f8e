/** Where nothing but the operator can say where a party is: its configuration does, for the program and what it keeps. */
import type { Place } from '../../shared/port/place.ts'

export const statedPlace = (region: string): Place => ({
  locate: async () => [{ what: 'process and database', region }],
})
