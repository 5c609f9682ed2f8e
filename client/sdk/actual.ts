/** What the three parties report about a run that is over: rounds, bytes and time of every step. */
import { InputError } from '../../shared/base/errors.ts'
import type { Actual } from '../../shared/sql/analyze.ts'
import type { StepSpent } from '../../shared/sql/meter.ts'
import { VerificationFailed } from './verification-failed.ts'
import type { Progress } from './watch.ts'

const isFigure = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0

const isStep = ({ name, rounds, bytes, seconds }: Partial<StepSpent>): boolean =>
  typeof name === 'string' && [rounds, bytes, seconds].every(isFigure)

/** Throws InputError when the request has not been computed, VerificationFailed when a report has no sense. */
export const actualOf = ({ state, parties }: Progress): Actual => {
  if (state !== 'done')
    throw new InputError(`The request is ${state}, so nothing was measured from beginning to end.`, {
      hint: 'Follow it with `trias run <request> --watch`, or leave out --request to measure without a run.',
    })
  return {
    where: 'run',
    parties: parties.map((status, party) => {
      if (status?.steps === undefined)
        throw new InputError(`Party ${party} has not measured the steps of this run.`, {
          hint: 'It was executed before its software measured steps.',
        })
      const { round, bytes, steps } = status
      if (![round, bytes].every(isFigure) || !Array.isArray(steps) || !steps.every(isStep))
        throw new VerificationFailed('status-malformed', `party ${party} reports steps that are no figures`)
      return { rounds: round, bytes, steps }
    }),
  }
}
