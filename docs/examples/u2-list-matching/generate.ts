/** Two made-up lists of persons that overlap in a few: node generate.ts <folder>. The same rows every time. */
import { createRandom, type Random } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

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

/** As somebody who only heard the name would write it. */
const MISHEARD = [
  { place: 7, name: 'Aly Nowak' },
  { place: 19, name: 'Ayse Lefebvre' },
  { place: 30, name: 'Jose Akeson' },
] as const

const cells = ({ name, born }: Person): readonly string[] => [`${name} ${born}`, name, born]

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(22)
  const missing = Array.from({ length: 40 }, () => person(random))
  const found = [
    ...Array.from({ length: 85 }, () => person(random)),
    ...[4, 11, 12, 23, 37].map(place => retyped(missing[place] as Person)),
    ...MISHEARD.map(({ place, name }) => ({ name, born: (missing[place] as Person).born })),
  ]
  return [
    {
      owner: 'tracing-service',
      table: 'missing',
      columns: ['person', 'spelling', 'born', 'case_number'],
      rows: missing.map((one, i) => [...cells(one), String(2601 + i)]),
    },
    {
      owner: 'police',
      table: 'found',
      columns: ['person', 'spelling', 'born'],
      rows: found.map(cells).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    },
  ]
}

await writeWhenRun(import.meta.url, generate)
