/** Made-up lists of four insurers, and three applicants at a fifth: node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

const APPLICANTS = [
  { name: 'Émile Durand', born: '1981-04-02', application: '90017' },
  { name: 'Greta Sørensen', born: '1990-11-23', application: '90018' },
  { name: 'Piotr Zieliński', born: '1975-07-30', application: '90019' },
] as const
/** The last one has been off the list for a while. */
const LISTED = [
  { insurer: 1, name: 'emile  DURAND', born: '1981-04-02', until: '2028-06-30' },
  { insurer: 3, name: 'Emile Durand', born: '1981-04-02', until: '2027-01-31' },
  { insurer: 2, name: 'Piotr Zieliński', born: '1975-07-30', until: '2024-03-31' },
] as const

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(66)
  const lists = Array.from({ length: 4 }, (_, insurer): OwnerTable => {
    const known = LISTED.filter(entry => entry.insurer === insurer).map(({ name, born, until }) => [
      `${name} ${born}`,
      until,
    ])
    const others = Array.from({ length: random.integer(20, 35) }, () => [
      `Somebody ${random.integer(1, 9_999)} 1970-01-01`,
      `${random.integer(2024, 2029)}-12-31`,
    ])
    return {
      owner: `insurer-${'abcd'[insurer]}`,
      table: 'listed',
      columns: ['person', 'until'],
      rows: [...known, ...others].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    }
  })
  return [
    {
      owner: 'insurer-e',
      table: 'applicants',
      columns: ['person', 'application'],
      rows: APPLICANTS.map(({ name, born, application }) => [`${name} ${born}`, application]),
    },
    ...lists,
  ]
}

await writeWhenRun(import.meta.url, generate)
