/** `trias party pause`: a party stores what arrives and does nothing about it. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asOperator, type OperatorOptions, openOperator, statusOutcome } from '../operator.ts'

export const partyPause = (): Command =>
  asOperator(
    verb('pause', 'Stop all work of a party until it is resumed', {
      description: `The party stores documents, data and frames that arrive and does nothing about them; runs stop where they
are within seconds and go on after "trias party resume". The other parties do not stop their clocks: a run that waits
for this party longer than a round may take is aborted there. For planned work that may take longer, use "trias party
drain".`,
      examples: ['TRIAS_PASSPHRASE=… trias party pause --home party-0'],
    }),
  ).action(async (options: OperatorOptions) => {
    const operator = await openOperator(options)
    print(await statusOutcome(await operator.act('pause')), options)
  })
