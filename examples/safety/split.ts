/**
 * The FAA's wildlife strikes (`vega-datasets`, 10,000 reports of 1990 to 2002), split by the airline that reported
 * them: the three operators with the most reports, and one owner for all others. One CSV file an owner.
 *
 *   npx node examples/safety/split.ts <folder>
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readSource } from '../../client/sdk/node/source.ts'
import { toCsv } from '../support/csv.ts'

/** Our column names and those of the published file. */
const COLUMNS = {
  flight_date: 'Flight Date',
  phase_of_flight: 'Phase of flight',
  wildlife_size: 'Wildlife Size',
  time_of_day: 'Time of day',
  damage: 'Effect Amount of damage',
  cost: 'Cost Total $',
  speed: 'Speed IAS in knots',
} as const
const OPERATOR = 'Aircraft Airline Operator'

/** The published file, in the package where npm put it; its data is not among the package's exports. */
export const birdstrikesFile = (): string =>
  fileURLToPath(new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets')))

export interface Operator {
  /** Name of the data owner. */
  readonly owner: string
  readonly rows: readonly (readonly (string | null)[])[]
}

/** `US AIRWAYS*` is `us-airways`. */
const ownerName = (operator: string): string =>
  operator
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The reports by owner: largest operator first, the others together last. */
export const splitStrikes = async (largest = 3): Promise<readonly Operator[]> => {
  const { names, columns } = await readSource({ file: birdstrikesFile() })
  const columnOf = (name: string): readonly (string | null)[] => {
    const cells = columns[names.indexOf(name)]
    if (cells === undefined) throw new Error(`vega-datasets no longer has the column ${name}`)
    return cells
  }
  const operators = columnOf(OPERATOR)
  const counts = new Map<string, number>()
  for (const operator of operators) if (operator) counts.set(operator, (counts.get(operator) ?? 0) + 1)
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const largestNames = byCount.slice(0, largest).map(([operator]) => operator)

  const cells = Object.values(COLUMNS).map(columnOf)
  const rowsWhere = (keep: (operator: string | null) => boolean) =>
    operators.flatMap((operator, r) => (keep(operator) ? [cells.map(column => column[r] ?? null)] : []))
  return [
    ...largestNames.map(name => ({ owner: ownerName(name), rows: rowsWhere(operator => operator === name) })),
    {
      owner: 'other-operators',
      rows: rowsWhere(operator => operator === null || !largestNames.includes(operator)),
    },
  ]
}

/** Writes `<owner>.csv` into a folder, made when missing; gives owners and files. */
export const writeStrikes = async (
  folder: string,
): Promise<readonly { readonly owner: string; readonly file: string }[]> => {
  await mkdir(folder, { recursive: true })
  const owners = await splitStrikes()
  return Promise.all(
    owners.map(async ({ owner, rows }) => {
      const file = join(folder, `${owner}.csv`)
      await writeFile(file, toCsv(Object.keys(COLUMNS), rows))
      return { owner, file }
    }),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const { owner, file } of await writeStrikes(process.argv[2] ?? 'safety-data'))
    console.log(`${owner}: ${file}`)
