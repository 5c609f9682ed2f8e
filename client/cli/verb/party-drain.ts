/** `trias party drain`: a party finishes what has begun and takes nothing new. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asOperator, leftInWords, type OperatorOptions, openOperator, statusOutcome } from '../operator.ts'
import { UsageError } from '../outcome.ts'
import { statusLine } from '../progress-bar.ts'

interface Options extends OperatorOptions {
  readonly wait?: boolean
  readonly timeout: string
}

export const partyDrain = (): Command =>
  asOperator(
    verb('drain', 'Let a party finish its runs and take nothing new', {
      description: `Runs that all parties and owners have agreed on are finished. Requests that still wait for offers or
approvals are refused, and so is everything new: requests, approvals, data. With --wait it returns when nothing is
open and the others have all that was said. The party stays so until "trias party resume".`,
      examples: [
        'TRIAS_PASSPHRASE=… trias party drain --home party-0 --wait',
        'trias party drain --home party-0 --passphrase-file secret.txt --wait --timeout 600 --json',
      ],
    })
      .option('--wait', 'wait until nothing is open; progress goes to stderr')
      .option('--timeout <seconds>', 'with --wait: give up waiting after so long; exit code 6', '3600'),
  ).action(async (options: Options) => {
    const timeoutS = Number(options.timeout)
    if (!(timeoutS > 0)) throw new UsageError('--timeout is a number of seconds')
    const operator = await openOperator(options)
    const status = await operator.act('drain')
    if (options.wait !== true) {
      print(await statusOutcome(status), options)
      return
    }
    const { waitUntilDrained } = await import('../../sdk/party-control.ts')
    const line = statusLine()
    try {
      const drained = await waitUntilDrained(operator, {
        timeoutMs: timeoutS * 1000,
        onProgress: now => line.show(leftInWords(now)),
      })
      line.stop()
      print(await statusOutcome(drained), options)
    } finally {
      line.stop()
    }
  })
