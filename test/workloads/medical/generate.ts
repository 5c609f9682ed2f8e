/**
 * Diagnoses and medications at several hospitals, after the SMCQL benchmark: patients are known by a pseudonym that all
 * hospitals share, and the same patient may be seen at several. Some have C. diff. again within 15 to 56 days; some
 * take aspirin after heart disease was found, and some before.
 */
import type { TableSchema } from '../../../shared/data/schema.ts'
import type { TestTable } from '../../sql/logic/database.ts'
import { createRandom, type Random } from '../../sql/table.ts'
import { category, column, date, integer } from '../columns.ts'

const PATIENTS = 60
const DIAGNOSES = ['c. diff', 'heart disease', 'diabetes', 'asthma', 'hypertension', 'fracture', 'migraine']
const MEDICATIONS = ['aspirin', 'insulin', 'salbutamol', 'ramipril', 'ibuprofen']

const FIRST = '2024-01-01'
const LAST = '2024-12-31'
const FIRST_DAY = Date.parse(`${FIRST}T00:00:00Z`) / 86_400_000
const DAYS = 366

const patient = integer(1, PATIENTS)

const DIAGNOSIS: TableSchema = {
  table: 'diagnosis',
  columns: [
    column('hospital', category(['north', 'south', 'west']), { visibility: 'public' }),
    column('patient', patient),
    column('diag', category(DIAGNOSES)),
    column('day', date(FIRST, LAST)),
  ],
}

const MEDICATION: TableSchema = {
  table: 'medication',
  columns: [
    column('patient', patient),
    column('medication', category(MEDICATIONS)),
    column('day', date(FIRST, LAST)),
  ],
}

type Row = readonly number[]

const tableOf = (schema: TableSchema, rows: readonly Row[]): TestTable => ({
  schema,
  rows: {
    count: rows.length,
    valid: rows.map(() => true),
    columns: new Map(schema.columns.map(({ name }, i) => [name, rows.map(row => BigInt(row[i] as number))])),
  },
})

/** Two diagnoses of a patient are on different days, so that "the one before" has one meaning. */
const diagnosesOf = (random: Random, id: number): readonly Row[] => {
  const days = new Set<number>()
  const row = (diagnosis: number, day: number): readonly Row[] => {
    if (day >= DAYS || days.has(day)) return []
    days.add(day)
    return [[random.below(3), id, diagnosis, FIRST_DAY + day]]
  }
  const some = Array.from({ length: random.between(0, 3) }, () =>
    row(random.between(1, DIAGNOSES.length - 1), random.below(DAYS)),
  )
  if (random.chance(0.5)) return some.flat()
  const first = random.below(DAYS)
  const again = first + random.pick([10, 14, 15, 30, 56, 57, 90])
  return [...some.flat(), ...row(0, first), ...(random.chance(0.7) ? row(0, again) : [])]
}

export const generateMedical = (seed: number): readonly TestTable[] => {
  const random = createRandom(seed)
  const ids = Array.from({ length: PATIENTS }, (_, i) => i + 1)
  const medications = ids.flatMap(id =>
    Array.from(
      { length: random.between(0, 3) },
      (): Row => [
        id,
        random.chance(0.5) ? 0 : random.between(1, MEDICATIONS.length - 1),
        FIRST_DAY + random.below(DAYS),
      ],
    ),
  )
  return [
    tableOf(
      DIAGNOSIS,
      ids.flatMap(id => diagnosesOf(random, id)),
    ),
    tableOf(MEDICATION, medications),
  ]
}
