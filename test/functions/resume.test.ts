/**
 * Three party processes on loopback; some are killed with SIGKILL at seeded random moments of a run and started again on
 * the same directory and port. The report is the plaintext one, and no frame differs from the one sent before.
 * TRIAS_KILLS=200 kills more; KILL_SEED repeats a sequence.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type LogEntry, type LogState, verifyLog } from '../../shared/audit/log.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { createCast, FOUR_ROWS, found, waitFor } from '../support/federation.ts'
import { killAll, type PartyProcess, startProcess } from '../support/party-process.ts'
import { recordFrames } from '../support/recorded-frames.ts'
import { type RecordingFront, startRecordingFront } from '../support/recording-front.ts'
import { seeded } from '../support/seeded.ts'

const KILLS = Number(process.env.TRIAS_KILLS ?? 5)
const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)
const directory = mkdtempSync(join(tmpdir(), 'trias-resume-'))
const fronts: RecordingFront[] = []
afterAll(() => {
  killAll()
  for (const front of fronts) front.close()
  rmSync(directory, { recursive: true, force: true })
})

const frames = recordFrames()
const processes: PartyProcess[] = []

test(
  `killed parties go on where they were and the report is the same (KILL_SEED=${seed})`,
  async () => {
    for (const party of PARTIES) processes[party] = await startProcess(directory, party)
    const behind = await Promise.all(
      PARTIES.map(async party => {
        const front = await startRecordingFront(frames, () => processes[party]!.endpoint)
        fronts.push(front)
        return { ...processes[party]!, endpoint: front.url }
      }),
    )
    const cast = await createCast([behind[0]!, behind[1]!, behind[2]!], fetch)
    await found(cast)
    const versions = [await cast.push(cast.owners[0], FOUR_ROWS), await cast.push(cast.owners[1], FOUR_ROWS)]

    const killed = async (victims: readonly PartyIndex[], afterMs: number): Promise<number> => {
      const request = await cast.ask(versions)
      for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
      const startMs = performance.now()
      await new Promise(resolve => setTimeout(resolve, afterMs))
      await Promise.all(victims.map(victim => processes[victim]!.stop('SIGKILL')))
      for (const victim of victims) {
        const { port } = new URL(processes[victim]!.endpoint)
        processes[victim] = await startProcess(directory, victim, Number(port))
      }
      for (const party of PARTIES) {
        const status = await waitFor(`the end at party ${party}`, async () => {
          const seen = await cast.status(party, request).catch(() => undefined)
          return seen !== undefined && ['done', 'aborted'].includes(seen.state) ? seen : undefined
        })
        const { state, reason } = status
        expect({ victims, afterMs, state, reason }).toEqual({
          victims,
          afterMs,
          state: 'done',
          reason: undefined,
        })
      }
      const tookMs = performance.now() - startMs
      expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
        ['junior', '4', '122000'],
        ['senior', '4', '140004'],
      ])
      return tookMs
    }

    /** A run without a kill takes about this long, so most kills fall into it. */
    const runMs = await killed([], 0)
    const groups: PartyIndex[][] = [
      [0, 1],
      [0, 1, 2],
    ]
    for (let i = 0; i < KILLS; i++) groups.push([Math.floor(random() * 3) as PartyIndex])
    for (const victims of groups) await killed(victims, Math.floor(random() * runMs))

    expect(frames.twice).toEqual([])
    let resumed = 0
    for (const party of PARTIES) {
      const entries: LogEntry[] = []
      let state: LogState
      do {
        const page = await (await cast.get(party, `/v1/log?after=${entries.length}`, cast.recipient)).json()
        entries.push(...(page as { entries: LogEntry[] }).entries)
        state = (page as { state: LogState }).state
      } while (entries.length < state.entries)
      expect(verifyLog(entries, state)).toEqual(state)
      resumed += entries.filter(({ event }) => event === 'resumed').length
    }
    console.info(
      `${groups.length} kills, ${resumed} resumed, ${frames.slots()} slots, ${frames.repeated()} repeated`,
    )
    for (const party of PARTIES) expect(await processes[party]!.stop('SIGTERM')).toBe(0)
  },
  Math.max(120_000, KILLS * 15_000),
)
