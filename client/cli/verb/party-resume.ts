/** `trias party resume`: a party works again. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asOperator, type OperatorOptions, openOperator, statusOutcome } from '../operator.ts'

export const partyResume = (): Command =>
  asOperator(
    verb('resume', 'Let a paused or draining party work again', {
      description: `Ends "trias party pause" and "trias party drain". What waits is taken up at once: runs that were paused go
on from their last checkpoint.`,
      examples: ['TRIAS_PASSPHRASE=… trias party resume --home party-0'],
    }),
  ).action(async (options: OperatorOptions) => {
    const operator = await openOperator(options)
    print(await statusOutcome(await operator.act('resume')), options)
  })
