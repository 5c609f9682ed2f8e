/** A made-up study: two hospitals treat, a registry follows up. node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

const PATIENTS = 300
const HALF_YEARS = 4

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(33)
  const codes = new Set<number>()
  while (codes.size < PATIENTS) codes.add(random.integer(100_000_000, 999_999_999))
  const study = Array.from(codes, patient => {
    const arm = random.weighted({ standard: 0.5, new: 0.5 })
    const hazard = arm === 'standard' ? 0.24 : 0.13
    const before = Math.round(50 + 8 * random.normal())
    const gain = (arm === 'standard' ? 4 : 9) + 6 * random.normal()
    let halfYear = 1
    let died = random.chance(hazard)
    // Some leave the study alive, before its end: they moved away, or the study has followed them for so long only.
    while (!died && halfYear < HALF_YEARS && !random.chance(0.12)) {
      halfYear++
      died = random.chance(hazard)
    }
    return {
      treated: [
        String(patient),
        arm,
        String(Math.min(79, Math.max(18, Math.round(62 + 10 * random.normal())))),
        String(before),
      ],
      followed: [
        String(patient),
        String(halfYear),
        String(died),
        String(Math.max(0, Math.round(before + gain))),
      ],
    }
  })
  const treatments = (owner: string, from: number, to: number): OwnerTable => ({
    owner,
    table: 'treatments',
    columns: ['patient', 'arm', 'age', 'score_before'],
    rows: study.slice(from, to).map(({ treated }) => treated),
  })
  return [
    treatments('hospital-north', 0, 170),
    treatments('hospital-south', 170, PATIENTS),
    {
      owner: 'registry',
      table: 'outcomes',
      columns: ['patient', 'half_year', 'died', 'score_after'],
      // The registry lists by its own order; nothing but the number leads from one table to the other.
      rows: study.map(({ followed }) => followed).sort((a, b) => Number(a[0]) - Number(b[0])),
    },
  ]
}

await writeWhenRun(import.meta.url, generate)
