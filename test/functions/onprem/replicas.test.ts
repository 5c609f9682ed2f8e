/**
 * A federation in which party 1 is two processes over one PostgreSQL, behind an address that takes turns. In the middle of runs the
 * database is restarted and one of the two is killed; the reports are the plaintext ones.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCast, found, type Row } from '../../support/federation.ts'
import { killAll, type PartyProcess, startProcess } from '../../support/party-process.ts'
import { startPostgres, type TestPostgres } from '../../support/postgres.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-replicas-'))
let server: TestPostgres
const replicas: PartyProcess[] = []

/** As a load balancer: one after the other, and the next one when nobody answers. */
let turn = 0
const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const { authorization, 'content-type': type } = request.headers
  const send = (replica: PartyProcess) =>
    fetch(`${replica.endpoint}${request.url}`, {
      method: request.method ?? 'GET',
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(request.method === 'GET' ? {} : { body: Buffer.concat(pieces) }),
    })
  const [first, second] = turn++ % 2 === 0 ? replicas : replicas.toReversed()
  const answer = await send(first!).catch(() => send(second!))
  response.writeHead(answer.status)
  response.end(Buffer.from(await answer.arrayBuffer()))
}
const balancer = createServer((request, response) => {
  pass(request, response).catch(() => response.destroy())
})

beforeAll(async () => {
  server = await startPostgres()
  await new Promise<void>(resolve => balancer.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  killAll()
  balancer.close().closeAllConnections()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const rows: Row[] = [
  ['junior', 30_000],
  ['senior', 70_000],
  ['junior', 31_000],
  ['senior', 2],
]

test('a party of two replicas computes, through a restart of its database and the death of one of them', async () => {
  const database = { kind: 'postgres', url: server.url }
  const env = { TRIAS_DATABASE_PASSWORD: server.password }
  const startReplica = () => startProcess(directory, 1, 0, { database, env })
  const [zero, two] = [await startProcess(directory, 0), await startProcess(directory, 2)]
  replicas.push(await startReplica(), await startReplica())
  const endpoint = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`
  const cast = await createCast([zero, { ...replicas[0]!, endpoint }, two], fetch)
  await found(cast)
  const versions = [await cast.push(cast.owners[0], rows), await cast.push(cast.owners[1], rows)]

  const report = async (inTheMiddle: () => Promise<void>): Promise<void> => {
    const request = await cast.ask(versions)
    for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
    await inTheMiddle()
    for (const party of [0, 1, 2] as const) {
      const { state, reason } = await cast.ended(party, request)
      expect({ party, state, reason }).toEqual({ party, state: 'done', reason: undefined })
    }
    expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
      ['junior', '4', '122000'],
      ['senior', '4', '140004'],
    ])
  }
  await report(async () => {})
  await report(() => server.restart(200))
  await report(async () => {
    await replicas[0]!.stop('SIGKILL')
  })
  replicas[0] = await startReplica()
  await report(async () => {
    expect(await replicas[1]!.stop('SIGTERM')).toBe(0)
  })
  for (const replica of replicas) expect(replica.stderr().includes(server.password)).toBe(false)
  expect(await server.query('SELECT FROM trias.frame')).toEqual([])
  expect(await server.query("SELECT FROM trias.volatile WHERE key LIKE 'run-key/%'")).toEqual([])
}, 240_000)
