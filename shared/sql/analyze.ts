/** EXPLAIN ANALYZE: what was announced for each step of a plan beside what three parties measured. */
import { byteCount } from '../base/byte-count.ts'
import { SURROUNDINGS, type Surroundings, secondsOf } from './estimate.ts'
import type { StepSpent } from './meter.ts'
import type { Cost } from './plan.ts'

/** What one party measured. */
interface ActualParty {
  readonly rounds: number
  /** Sent by it. */
  readonly bytes: number
  /** In the plan's order. */
  readonly steps: readonly StepSpent[]
}

export interface Actual {
  /** `run`: three parties and what lies between them. `local`: all in one process, so seconds are the work of one. */
  readonly where: 'run' | 'local'
  /** By index. */
  readonly parties: readonly ActualParty[]
}

interface StepAnalysis {
  readonly name: string
  readonly estimated: StepFigures
  readonly actual: StepFigures
}

interface StepFigures {
  readonly rounds: number
  readonly bytesPerParty: readonly number[]
  /** Of the slowest party. */
  readonly seconds: number
}

export interface Analysis {
  readonly where: Actual['where']
  readonly steps: readonly StepAnalysis[]
  /** Under the name `total`. */
  readonly total: StepAnalysis
  /** Whether rounds and bytes of every party and step are what was announced; they always should be. */
  readonly exact: boolean
}

/** No distance, and nothing to hop over. */
const ONE_PROCESS = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, hopMs: 0 }

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

const isAnnounced = ({ estimated, actual }: StepAnalysis): boolean =>
  estimated.rounds === actual.rounds &&
  estimated.bytesPerParty.every((bytes, party) => bytes === actual.bytesPerParty[party])

/** A step that a party has not measured counts as nothing there, so it is not exact. */
export const analysisOf = (
  cost: Cost,
  { where, parties }: Actual,
  surroundings: Surroundings = SURROUNDINGS,
): Analysis => {
  const link = where === 'local' ? ONE_PROCESS : surroundings
  const measured = parties.map(({ steps }) => new Map(steps.map(step => [step.name, step])))
  const steps = cost.steps.map(({ name, rounds, bytesPerParty }): StepAnalysis => {
    const at = measured.map(party => party.get(name) ?? { rounds: 0, bytes: 0, seconds: 0 })
    return {
      name,
      estimated: { rounds, bytesPerParty, seconds: secondsOf({ rounds, bytesPerParty }, link) },
      actual: {
        rounds: Math.max(...at.map(step => step.rounds)),
        bytesPerParty: at.map(step => step.bytes),
        seconds: Math.max(...at.map(step => step.seconds)),
      },
    }
  })
  const total: StepAnalysis = {
    name: 'total',
    estimated: {
      rounds: cost.rounds,
      bytesPerParty: cost.bytesPerParty,
      seconds: secondsOf(cost, link),
    },
    actual: {
      rounds: Math.max(...parties.map(party => party.rounds)),
      bytesPerParty: parties.map(party => party.bytes),
      seconds: Math.max(...parties.map(party => sum(party.steps.map(step => step.seconds)))),
    },
  }
  return { where, steps, total, exact: [...steps, total].every(isAnnounced) }
}

const secondsText = (seconds: number): string =>
  seconds < 10 ? `${seconds.toFixed(3)} s` : `${seconds.toFixed(1)} s`

/** Equal figures once, others as `announced → measured`. */
const pair = (announced: string, measured: string): string =>
  announced === measured ? announced : `${announced} → ${measured}`

const bytesOf = ({ estimated, actual }: StepAnalysis): string => {
  const equal = estimated.bytesPerParty.every((bytes, party) => bytes === actual.bytesPerParty[party])
  const [announced, measured] = [estimated, actual].map(one => Math.max(...one.bytesPerParty))
  return equal ? byteCount(announced as number) : `${announced as number} B → ${measured as number} B`
}

/** A table for people, one line a step. */
export const renderAnalysis = ({ where, steps, total, exact }: Analysis): readonly string[] => {
  const head = ['step', 'rounds', 'sent by a party', 'time estimated', 'time measured']
  const rows = [...steps, total].map(step => [
    step.name,
    pair(`${step.estimated.rounds}`, `${step.actual.rounds}`),
    bytesOf(step),
    secondsText(step.estimated.seconds),
    secondsText(step.actual.seconds),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => (row[i] as string).length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ')
  return [
    line(head),
    ...rows.map(line),
    exact
      ? 'rounds and bytes of every step and party are exactly what was announced'
      : 'ROUNDS OR BYTES DIFFER FROM WHAT WAS ANNOUNCED (announced → measured): please report this',
    where === 'local'
      ? 'measured in this process over rows of which none counts: time is the work of one party, without a network'
      : 'time of the slowest party, waiting for the others included',
  ]
}
