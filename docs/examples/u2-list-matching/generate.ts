/** Two made-up lists of persons that overlap in a few: node generate.ts <folder>. The same rows every time. */
import { createRandom, type Random } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'
import { personCode } from '../person-code.ts'

const GIVEN = [
  'José',
  'Zoë',
  'Amélie',
  'Noah',
  'Ayşe',
  'Björn',
  'Chloé',
  'Milan',
  'Inês',
  'Ali',
  'Renée',
  'Tomáš',
]
const FAMILY = [
  'García',
  'Müller',
  'Núñez',
  'Kovács',
  'Lefèvre',
  'Novák',
  'Smith',
  'Yılmaz',
  'Åkesson',
  'Haddad',
]

interface Person {
  readonly name: string
  readonly born: string
}

const two = (value: number): string => value.toString().padStart(2, '0')
const person = (random: Random): Person => ({
  name: `${GIVEN[random.integer(0, GIVEN.length - 1)]} ${FAMILY[random.integer(0, FAMILY.length - 1)]}`,
  born: `${random.integer(1940, 2015)}-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`,
})

/** As another clerk would type the same name: capitals, no accents. */
const retyped = ({ name, born }: Person): Person => ({
  name: name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase(),
  born,
})

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(22)
  const missing = Array.from({ length: 40 }, () => person(random))
  const found = [
    ...Array.from({ length: 85 }, () => person(random)),
    ...[4, 11, 12, 23, 37].map(place => retyped(missing[place] as Person)),
  ]
  return [
    {
      owner: 'tracing-service',
      table: 'missing',
      columns: ['person', 'case_number'],
      rows: missing.map(({ name, born }, i) => [personCode(name, born), String(2601 + i)]),
    },
    {
      owner: 'police',
      table: 'found',
      columns: ['person'],
      rows: found.map(({ name, born }) => [personCode(name, born)]).sort(),
    },
  ]
}

await writeWhenRun(import.meta.url, generate)
