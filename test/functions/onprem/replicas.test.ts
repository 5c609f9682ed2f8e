/**
 * A federation in which party 1 is two processes over one PostgreSQL, behind an address that takes turns. At seeded random
 * moments of runs the database is restarted, or one of the two is killed or stopped; the reports are the plaintext ones.
 * KILL_SEED repeats a sequence.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCast, FOUR_ROWS, found } from '../../support/federation.ts'
import { killAll, type PartyProcess, startProcess } from '../../support/party-process.ts'
import { startPostgres, type TestPostgres } from '../../support/postgres.ts'
import { seeded } from '../../support/seeded.ts'

const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)
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

test(`a party of two replicas computes, whatever happens to one of them or to their database (KILL_SEED=${seed})`, async () => {
  const database = { kind: 'postgres', url: server.url }
  const env = { TRIAS_DATABASE_PASSWORD: server.password }
  const startReplica = () => startProcess(directory, 1, 0, { database, env })
  const [zero, two] = [await startProcess(directory, 0), await startProcess(directory, 2)]
  replicas.push(await startReplica(), await startReplica())
  const endpoint = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`
  const cast = await createCast([zero, { ...replicas[0]!, endpoint }, two], fetch)
  await found(cast)
  const versions = [await cast.push(cast.owners[0], FOUR_ROWS), await cast.push(cast.owners[1], FOUR_ROWS)]

  /** How long it took. */
  const report = async (what: string, inTheMiddle: () => Promise<void>): Promise<number> => {
    const request = await cast.ask(versions)
    for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
    const startMs = performance.now()
    await inTheMiddle()
    for (const party of [0, 1, 2] as const) {
      const { state, reason } = await cast.ended(party, request)
      expect({ what, party, state, reason }).toEqual({ what, party, state: 'done', reason: undefined })
    }
    expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
      ['junior', '4', '122000'],
      ['senior', '4', '140004'],
    ])
    return performance.now() - startMs
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const victim = random() < 0.5 ? 0 : 1
    expect(await replicas[victim]!.stop(signal)).toBe(signal === 'SIGTERM' ? 0 : null)
    replicas[victim] = await startReplica()
  }
  const faults: readonly (readonly [string, () => Promise<void>])[] = [
    ['a restart of the database', () => server.restart(200)],
    ['SIGKILL of a replica', () => end('SIGKILL')],
    ['SIGTERM of a replica', () => end('SIGTERM')],
    ['the database away for longer than anybody repeats', () => server.restart(5_000)],
    ['SIGKILL of a replica again', () => end('SIGKILL')],
  ]
  /** A run in which nothing happens takes about this long, so most faults fall into it. */
  const runMs = await report('nothing', async () => {})
  for (const [what, fault] of faults)
    await report(what, async () => {
      await new Promise(resolve => setTimeout(resolve, random() * runMs))
      await fault()
    })
  expect(await server.query('SELECT FROM trias.frame')).toEqual([])
  expect(await server.query("SELECT FROM trias.volatile WHERE key LIKE 'run-key/%'")).toEqual([])
  for (const replica of replicas) expect(replica.stderr().includes(server.password)).toBe(false)
}, 240_000)
