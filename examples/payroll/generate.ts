/**
 * A made-up payroll of a group with four subsidiaries, each of which keeps its own rows: one CSV file an owner.
 *
 *   npx node examples/payroll/generate.ts <folder> [rows] [seed]
 *
 * Pay is log-normal around a level for country and grade, with a gender gap that grows with the grade; one in forty
 * employees works in another country than the subsidiary's; a few percent have not stated a gender.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatDate, parseDate } from '../../shared/data/exact.ts'
import { toCsv } from '../support/csv.ts'
import { createRandom, type Random } from '../support/random.ts'

const COLUMNS = ['country', 'grade', 'gender', 'monthly_pay', 'bonus', 'hired', 'full_time', 'weekly_hours']

type Country = 'DE' | 'FR' | 'PL' | 'US'

/** Share of all rows, pay relative to DE, the full working week, and how common bonuses are. */
const COUNTRIES: Readonly<
  Record<Country, { share: number; level: number; week: number; bonus: number; female: number }>
> = {
  DE: { share: 0.38, level: 1, week: 38.5, bonus: 0.55, female: 0.41 },
  FR: { share: 0.24, level: 0.86, week: 35, bonus: 0.45, female: 0.46 },
  PL: { share: 0.16, level: 0.52, week: 40, bonus: 0.35, female: 0.49 },
  US: { share: 0.22, level: 1.31, week: 40, bonus: 0.75, female: 0.44 },
}
const COUNTRY_NAMES = Object.keys(COUNTRIES) as Country[]

const GRADES = { G1: 0.22, G2: 0.24, G3: 0.2, G4: 0.16, G5: 0.1, G6: 0.06, G7: 0.02 } as const

/** Full-time pay of grade G1 in DE, and the step from one grade to the next. */
const LOWEST_PAY = 2_650
const GRADE_STEP = 1.29
const PAY_MAX = 100_000

export interface Subsidiary {
  /** Name of the data owner. */
  readonly owner: string
  readonly rows: readonly (readonly (string | null)[])[]
}

const amount = (value: number): string => value.toFixed(2)

const employee = (random: Random, home: Country): readonly (string | null)[] => {
  const country = random.chance(0.975) ? home : (COUNTRY_NAMES[random.integer(0, 3)] as Country)
  const { level, week, bonus, female } = COUNTRIES[country]
  const grade = random.weighted(GRADES)
  const step = Number(grade.slice(1)) - 1
  // Fewer women in the upper grades, as in most groups.
  const women = female * (1.08 - 0.07 * step)
  const gender = random.weighted({ female: women, male: 1 - women, other: 0.009 })
  const gap = gender === 'female' ? 1 - 0.015 - 0.008 * step : 1

  const fullTime = random.chance(gender === 'female' ? 0.72 : 0.91)
  const hours = fullTime ? week : Math.round(week * (0.4 + 0.5 * random.uniform()) * 2) / 2
  const typical = LOWEST_PAY * GRADE_STEP ** step * level * gap
  const pay = Math.min(PAY_MAX, typical * Math.exp(0.14 * random.normal()) * (hours / week))
  const scheme = random.chance(bonus)
  const paid = scheme && random.chance(0.9) ? pay * (0.3 + 0.35 * step) * Math.exp(0.5 * random.normal()) : 0

  const daysOfService = Math.min(13_500, Math.floor(-Math.log(1 - random.uniform()) * 3_000))
  const hired = (parseDate('2026-10-31') as bigint) - BigInt(daysOfService)
  const stated = random.chance(0.965)
  return [
    country,
    grade,
    stated ? gender : null,
    amount(pay),
    scheme ? amount(Math.min(500_000, paid)) : null,
    formatDate(hired),
    String(fullTime),
    hours.toFixed(1),
  ]
}

/** The rows of all four subsidiaries. */
export const generatePayroll = ({ rows = 20_000, seed = 1 } = {}): readonly Subsidiary[] => {
  const random = createRandom(seed)
  let left = rows
  return COUNTRY_NAMES.map((country, i) => {
    const last = i === COUNTRY_NAMES.length - 1
    const count = last ? left : Math.min(left, Math.round(rows * COUNTRIES[country].share))
    left -= count
    return {
      owner: `subsidiary-${country.toLowerCase()}`,
      rows: Array.from({ length: count }, () => employee(random, country)),
    }
  })
}

/** Writes `<owner>.csv` into a folder, made when missing; gives owners and files. */
export const writePayroll = async (
  folder: string,
  options: { rows?: number; seed?: number } = {},
): Promise<readonly { readonly owner: string; readonly file: string }[]> => {
  await mkdir(folder, { recursive: true })
  return Promise.all(
    generatePayroll(options).map(async ({ owner, rows }) => {
      const file = join(folder, `${owner}.csv`)
      await writeFile(file, toCsv(COLUMNS, rows))
      return { owner, file }
    }),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = 'payroll-data', rows = '20000', seed = '1'] = process.argv.slice(2)
  for (const { owner, file } of await writePayroll(folder, { rows: Number(rows), seed: Number(seed) }))
    console.log(`${owner}: ${file}`)
}
