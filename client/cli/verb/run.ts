/** `trias run`: asks for a report, or goes on with one, and follows it to its end. */
import type { Command } from 'commander'
import type { Progress } from '../../sdk/watch.ts'
import { print, verb } from '../command.ts'
import { asMember, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { progressBar } from '../progress-bar.ts'
import { addRequestOptions, positiveNumber, type RequestOptions, requestInputOf } from '../request-options.ts'
import { short } from '../style.ts'

interface Options extends RequestOptions {
  readonly watch?: boolean
  readonly timeout?: string
}

export const run = (): Command =>
  asMember(
    addRequestOptions(
      verb('run', 'Ask for a report, or follow one that was asked for, until it ends', {
        description: `Without a request it creates one from the options, as "request create" does. With --watch it stays until
the request ends and shows stage, round, bytes and an estimate; the parties start by themselves as soon as every
owner has approved. It can be stopped and started again at any time.`,
        examples: [
          'trias run --sql-file report.sql --purpose pay-equity --watch',
          'trias run latest --watch --timeout 600',
          'trias run latest',
        ],
      }).argument('[request]', 'a request to follow: digest, its beginning, or "latest"'),
    )
      .option('--watch', 'stay until the request ends')
      .option('--timeout <seconds>', 'give up watching after so long'),
  ).action(async (name: string | undefined, options: Options) => {
    if (name !== undefined && (options.sql !== undefined || options.sqlFile !== undefined))
      throw new UsageError('give a request to follow or SQL to ask for, not both')
    const { pick, requests } = await import('../../sdk/federation-client.ts')
    const { createRequest } = await import('../../sdk/request.ts')
    const { progressOf, requireDone, watch } = await import('../../sdk/watch.ts')
    const connection = await openConnection(options)
    const digest = name ?? (await createRequest(connection, await requestInputOf(options))).digest
    const request = pick('request', await requests(connection), digest)
    let progress: Progress
    if (options.watch === true) {
      const bar = progressBar()
      try {
        const timeoutMs =
          options.timeout === undefined
            ? {}
            : { timeoutMs: 1000 * positiveNumber(options.timeout, '--timeout') }
        progress = await watch(connection, request, { ...timeoutMs, onProgress: bar.show })
      } finally {
        bar.stop()
      }
      requireDone(progress)
    } else progress = await progressOf(connection, request)
    const { state, round, roundsTotal, bytes, bytesTotal, waitingFor } = progress
    const next =
      state === 'done'
        ? `Done: trias result ${short(request.digest)}`
        : waitingFor.length > 0
          ? `Waiting for the approval of ${waitingFor.join(', ')}: trias approve ${short(request.digest)}`
          : state === 'requested'
            ? `The parties prepare their offers; then each owner decides with: trias approve ${short(request.digest)}`
            : `The request is ${state}.`
    print(
      {
        json: { request: request.digest, state, round, roundsTotal, bytes, bytesTotal, waitingFor },
        text: `request ${request.digest}\n${next}`,
      },
      options,
    )
  })
