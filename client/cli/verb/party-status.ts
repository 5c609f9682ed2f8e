/** `trias party status`: where everything stands at a party, for its operator. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asOperator, type OperatorOptions, openOperator, statusOutcome } from '../operator.ts'

export const partyStatus = (): Command =>
  asOperator(
    verb('status', 'Show the mode of a party, its open requests and what it has still to do', {
      description: `Asks the party over HTTP, with a token that its own key signs: nobody else gets an answer, members and
other parties included. It shows the mode, the release, the manifest, every open request with its state and when its
worker was heard of last, documents that another party does not have yet, log heads to witness, and the log.`,
      examples: [
        'TRIAS_PASSPHRASE=… trias party status --home party-0',
        'trias party status --home party-0 --passphrase-file secret.txt --endpoint http://127.0.0.1:8400 --json',
      ],
    }),
  ).action(async (options: OperatorOptions) => {
    const operator = await openOperator(options)
    print(await statusOutcome(await operator.status()), options)
  })
