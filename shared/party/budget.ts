/**
 * The ledger of privacy budgets: for every owner's table, what runs have spent of its ε, at this party. Each party keeps its
 * own and decides by itself.
 *
 * A run spends once, under its id, however often a worker takes the step again; a new attempt draws new noise and spends
 * again. What is refused before a run spends nothing. A run that aborts after it has begun has spent: nobody can prove to
 * another party that no share of its result left.
 */
import type { Json } from '../base/canonical.ts'
import { Refusal, Unavailable } from '../base/errors.ts'
import { digestOf } from '../crypto/hash.ts'
import { epsilonOf, milliOf } from '../data/epsilon.ts'
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import type { Request } from '../governance/document/request.ts'
import type { Store } from '../port/store.ts'
import { getJson, putJson } from './blob.ts'

/** Thousandths of ε by run. */
type Ledger = Readonly<Record<string, number>>

/** Versions of one owner's table hold the same people, so they share a budget. Names are not in keys. */
const ledgerKey = (owner: string, table: string): string => `budget/${digestOf([owner, table] as Json)}`

const spentOf = (ledger: Ledger): number => Object.values(ledger).reduce((sum, milli) => sum + milli, 0)

const requireLeft = ({ owner, table, schema }: DatasetVersion, wanted: number, spent: number): void => {
  const budget = schema.policy?.privacyBudget
  if (budget === undefined || spent + wanted <= milliOf(budget.epsilon)) return
  const left = Math.max(0, milliOf(budget.epsilon) - spent)
  throw new Refusal(
    'budget-exhausted',
    `the report would spend ε = ${epsilonOf(wanted)} of the privacy budget of ${owner} for ${table}, and ε = ${epsilonOf(left)} of ${budget.epsilon} is left`,
    {
      hint:
        left > 0
          ? `Ask with --epsilon ${epsilonOf(left)} at most.`
          : `${owner} shares the table under a larger budget, or no further report is made of it.`,
    },
  )
}

const budgeted = (versions: Iterable<DatasetVersion>): readonly DatasetVersion[] =>
  [...versions].filter(({ schema }) => schema.policy?.privacyBudget !== undefined)

/** Throws Refusal('budget-exhausted') where the report cannot be paid now; spends nothing. */
export const requireBudget = async (
  store: Store,
  { epsilon }: Pick<Request, 'epsilon'>,
  versions: Iterable<DatasetVersion>,
): Promise<void> => {
  if (epsilon === undefined) return
  for (const version of budgeted(versions)) {
    const record = await store.get(ledgerKey(version.owner, version.table))
    const spent = record === null ? 0 : spentOf(getJson<Ledger>(record.value))
    requireLeft(version, milliOf(epsilon), spent)
  }
}

/** Others may write the same ledger at the same time, few at once. */
const TRIES = 20

type Change = (ledger: Ledger) => Ledger | undefined

/** Changes one ledger; undefined leaves it as it is. Throws Unavailable. */
const change = async (store: Store, key: string, to: Change): Promise<void> => {
  for (let i = 0; i < TRIES; i++) {
    const record = await store.get(key)
    const next = to(record === null ? {} : getJson<Ledger>(record.value))
    if (next === undefined) return
    const isDone =
      record === null
        ? (await store.putIfAbsent(key, putJson(next))) === null
        : (await store.compareAndSet(key, record.version, putJson(next))) !== null
    if (isDone) return
  }
  throw new Unavailable('the ledger of privacy budgets changes all the time')
}

/**
 * Spends for this run, of every budget or of none; a second time does nothing. Throws Refusal('budget-exhausted') or
 * Unavailable.
 */
export const spendBudget = async (
  store: Store,
  run: string,
  { epsilon }: Pick<Request, 'epsilon'>,
  versions: Iterable<DatasetVersion>,
): Promise<void> => {
  if (epsilon === undefined) return
  const milli = milliOf(epsilon)
  const paid: string[] = []
  try {
    for (const version of budgeted(versions)) {
      const key = ledgerKey(version.owner, version.table)
      await change(store, key, ledger => {
        if (ledger[run] !== undefined) return undefined
        requireLeft(version, milli, spentOf(ledger))
        return { ...ledger, [run]: milli }
      })
      paid.push(key)
    }
  } catch (error) {
    if (error instanceof Refusal)
      for (const key of paid) await change(store, key, ({ [run]: _, ...others }) => others)
    throw error
  }
}
