/** `trias request list`: the requests of the federation and where each stands. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { short } from '../style.ts'
import { plainTable } from '../table.ts'

export const requestList = (): Command =>
  asMember(
    verb('list', 'List requests and where they stand', {
      description:
        'Lists the requests that the parties know, oldest first, with the state that each has reached.',
      examples: ['trias request list', 'trias request list --json'],
    }),
  ).action(async (options: MemberOptions) => {
    const { requests } = await import('../../sdk/federation-client.ts')
    const { progressOf } = await import('../../sdk/watch.ts')
    const connection = await openConnection(options)
    const known = await requests(connection)
    const states = await Promise.all(known.map(request => progressOf(connection, request)))
    const rows = known.map(({ digest, document }, i) => ({
      request: digest,
      state: states[i]?.state,
      waitingFor: states[i]?.waitingFor ?? [],
      purpose: document.purpose,
      analyst: document.analyst,
      recipient: document.recipient,
      createdAt: document.createdAt,
      expiresAt: document.expiresAt,
    }))
    const text =
      rows.length === 0
        ? 'No requests yet.'
        : plainTable(
            ['request', 'state', 'purpose', 'asked by', 'recipient', 'created'],
            rows.map(row => [
              short(row.request),
              row.state ?? '',
              row.purpose,
              row.analyst,
              row.recipient,
              row.createdAt,
            ]),
          )
    print({ json: { requests: rows }, text }, options)
  })
