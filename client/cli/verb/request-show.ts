/** `trias request show`: one request in plain words, and where it stands at each party. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { fields, wrapLines } from '../style.ts'

export const requestShow = (): Command =>
  asMember(
    verb('show', 'Show a request in plain words, and where it stands', {
      description: `Shows what a request asks for, what its result would disclose by this client's own compilation, and
where it stands at each party. A request is named by its digest, the beginning of it, or "latest".`,
      examples: [
        'trias request show latest',
        'trias request show 3fJk2LqP',
        'trias request show latest --json',
      ],
    }).argument('<request>', 'digest, its beginning, or "latest"'),
  ).action(async (name: string, options: MemberOptions) => {
    const { pick, requests, versionsOfRequest } = await import('../../sdk/federation-client.ts')
    const { progressOf } = await import('../../sdk/watch.ts')
    const { compileFor } = await import('../../sdk/compile-request.ts')
    const { inPlainWords, plainText } = await import('../../../shared/governance/plain-words.ts')
    const connection = await openConnection(options)
    const request = pick('request', await requests(connection), name)
    const versions = [...(await versionsOfRequest(connection, request)).values()]
    const { query, cost } = await compileFor({
      sql: request.document.sql,
      versions,
      minimumGroupSize: request.document.minimumGroupSize,
      epsilon: request.document.epsilon,
      federation: connection.federation.document,
    })
    const progress = await progressOf(connection, request)
    const words = inPlainWords({
      federation: connection.federation.document,
      request: request.document,
      versions,
      disclosure: query.disclosure,
      minimumGroupSize: query.plan.minimumGroupSize,
      owner: connection.member.name,
    })
    const reasons = progress.parties.flatMap(status => (status?.reason === undefined ? [] : [status.reason]))
    print(
      {
        json: {
          request: request.digest,
          document: request.document,
          state: progress.state,
          waitingFor: progress.waitingFor,
          reasons: reasons.map(reason => ({ ...reason })),
          planDigest: query.digest,
          disclosure: { ...query.disclosure },
          rounds: cost.rounds,
          bytesPerParty: cost.bytesPerParty,
        },
        text: [
          fields([
            ['request', request.digest],
            ['state', progress.state],
            ...(progress.waitingFor.length === 0
              ? []
              : [['waiting for', progress.waitingFor.join(', ')] as const]),
            ...reasons.slice(0, 1).map(reason => ['reason', reason.detail] as const),
          ]),
          '',
          wrapLines(plainText(words)),
        ].join('\n'),
      },
      options,
    )
  })
