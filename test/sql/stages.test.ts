/** A run that goes on from the state between two stages sends the same frames and ends with the same shares and transcript. */
import { expect, test } from 'vitest'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import type { RunningSession, SessionState } from '../../shared/session/lockstep.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { compile } from '../../shared/sql/compile.ts'
import { type Between, execute } from '../../shared/sql/execute.ts'
import { shapesAt, stagesOf } from '../../shared/sql/stages.ts'
import { type Frame, runThree } from '../support/three-parties.ts'
import { tablesOf } from './ask.ts'
import { createRandom, dealRows, PAY, randomRows } from './table.ts'

const SQL =
  "SELECT country, gender, COUNT(*), AVG(salary) FROM pay WHERE hired > '2003-05-01' GROUP BY country, gender"
const STAGES = 4
const JOINABLE: TableSchema = {
  ...PAY,
  columns: PAY.columns.map(column => ({ ...column, uses: [...column.uses, 'join'] })),
}

test('from any stage on: the same frames, shares and transcript', async () => {
  const { plan } = await compile(SQL, {
    tables: [{ schema: PAY, rows: 230 }],
    minimumGroupSize: 4,
    stageRowsMax: 64,
  })
  const relations = dealRows(randomRows(createRandom(11), 230))
  const saved = PARTIES.map(() => [] as { between: Between; session: SessionState }[])
  const from = async (stage: number) => {
    const frames = new Map<string, string>()
    const run = await runThree(
      session =>
        execute(session, plan, tablesOf(relations[session.party]), {
          from: saved[session.party]![stage - 1]?.between,
          onStage: async between => {
            const kept = { between, session: (session as RunningSession).state() }
            if (stage === 0) saved[session.party]!.push(kept)
          },
        }),
      {
        onFrame: (frame: Frame) =>
          frames.set(`${frame.round} ${frame.from}>${frame.to}`, toBase64url(frame.bytes)),
        ...(stage === 0 ? {} : { resume: PARTIES.map(party => saved[party]![stage - 1]!.session) }),
      },
    )
    return { frames, results: run.results, states: run.counters }
  }
  const whole = await from(0)
  expect(saved.map(one => one.length)).toEqual([STAGES, STAGES, STAGES])
  for (let stage = 1; stage <= STAGES; stage++) {
    const rest = await from(stage)
    expect(rest.results).toEqual(whole.results)
    expect(rest.states).toEqual(whole.states)
    const first = saved[0]![stage - 1]!.session.rounds
    const expected = [...whole.frames].filter(([slot]) => Number(slot.split(' ')[0]) >= first)
    expect(expected.length).toBeGreaterThan(0)
    expect([...rest.frames].sort()).toEqual(expected.sort())
  }
})

test('sessions that go on from different places notice it in the first round', async () => {
  const { plan } = await compile(SQL, {
    tables: [{ schema: PAY, rows: 100 }],
    minimumGroupSize: 4,
    stageRowsMax: 64,
  })
  const relations = dealRows(randomRows(createRandom(12), 100))
  const states: SessionState[] = []
  const betweens: Between[] = []
  await runThree(session =>
    execute(session, plan, tablesOf(relations[session.party]), {
      onStage: async between => {
        betweens[session.party] ??= between
        states[session.party] ??= (session as RunningSession).state()
      },
    }),
  )
  const other = { ...states[2]!, addresses: states[2]!.addresses.map(byte => byte ^ 1) }
  await expect(
    runThree(
      session =>
        execute(session, plan, tablesOf(relations[session.party]), { from: betweens[session.party]! }),
      { resume: [states[0]!, states[1]!, other] },
    ),
  ).rejects.toMatchObject({ check: 'parties-diverged' })
})

test('over whole tables as well: what is held between two stages is all that is needed', async () => {
  const rows = 4200
  const { plan } = await compile(
    'SELECT b.bonus, COUNT(*), SUM(a.hours) FROM pay a JOIN (SELECT bonus, COUNT(*) AS n FROM pay GROUP BY bonus) b ON a.bonus = b.bonus WHERE b.n > 30 GROUP BY b.bonus',
    { tables: [{ schema: JOINABLE, rows }], minimumGroupSize: 40 },
  )
  const stages = stagesOf(plan)
  expect(stages.length).toBeGreaterThan(2)
  const relations = dealRows(randomRows(createRandom(13), rows, 0, JOINABLE), JOINABLE)
  const saved = PARTIES.map(() => [] as { between: Between; session: SessionState }[])
  const from = (stage: number) =>
    runThree(
      session =>
        execute(session, plan, tablesOf(relations[session.party], JOINABLE), {
          from: saved[session.party]![stage - 1]?.between,
          onStage: async between => {
            if (stage === 0)
              saved[session.party]!.push({ between, session: (session as RunningSession).state() })
          },
        }),
      stage === 0 ? {} : { resume: PARTIES.map(party => saved[party]![stage - 1]!.session) },
    )
  const whole = await from(0)
  for (const { between } of saved[0]!)
    expect(between.held.map(({ own: { domain, length } }) => ({ domain, length }))).toEqual(
      shapesAt(plan, between.stage),
    )
  for (const stage of saved[0]!.keys()) {
    const rest = await from(stage + 1)
    expect(rest.results).toEqual(whole.results)
    expect(rest.counters).toEqual(whole.counters)
  }
})
