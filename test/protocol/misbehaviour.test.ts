/**
 * What a lying party can do to open and reveal, and what may never repeat or leak: pitfalls 1, 2, 3, 6 and 16 of the
 * reference.
 */
import { expect, test } from 'vitest'
import { Abort } from '../../shared/base/errors.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { bitToField } from '../../shared/protocol/bit-to-field.ts'
import { isNegative } from '../../shared/protocol/is-negative.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
import { open } from '../../shared/protocol/open.ts'
import { type Revealed, reveal } from '../../shared/protocol/reveal.ts'
import { semiHonestTape } from '../../shared/session/gate-tape.ts'
import type { Session } from '../../shared/session/session.ts'
import { reconstructField } from '../../shared/sharing/reconstruct.ts'
import { PARTIES, type SharedField } from '../../shared/sharing/shared.ts'
import { toHex } from '../support/hex.ts'
import { recordingTape } from '../support/recording-tape.ts'
import {
  checksOf,
  dealBits,
  dealField,
  type Frame,
  flipFirstBit,
  runThree,
  settleThree,
  valuesOfField,
} from '../support/three-parties.ts'

const numbers = dealField([1n, -2n, 3n])
const flags = dealBits([1, 0, 1, 1, 0])

test('open: a party that alters its copy, or lies about it to one neighbour only, is noticed by an honest one', async () => {
  for (const party of PARTIES)
    for (const direction of ['previous', 'next', undefined] as const)
      for (const body of [
        (s: Session) => open(s.step('open'), numbers[s.party]) as Promise<unknown>,
        (s: Session) => open(s.step('open'), flags[s.party]) as Promise<unknown>,
      ]) {
        const outcome = await settleThree(body, {
          corrupt: { party, address: 'open', ...(direction && { direction }), change: flipFirstBit },
        })
        const honest = checksOf(outcome).filter((_, i) => i !== party)
        expect(honest).toContain('share-copies-differ')
      }
})

test('open: shares whose copies were altered before are noticed as well', async () => {
  const altered = { own: dealField([4n, 4n, 4n])[0].own, next: numbers[0].next }
  const outcome = await settleThree(s => open(s.step('open'), s.party === 0 ? altered : numbers[s.party]))
  expect(checksOf(outcome)).toContain('share-copies-differ')
})

test('reveal: copies that differ stop the run before anything is sealed', async () => {
  for (const party of PARTIES)
    for (const side of ['own', 'next'] as const) {
      const altered: SharedField = { ...numbers[party], [side]: dealField([4n, 4n, 4n])[0].own }
      const outcome = await settleThree(s =>
        reveal(s.step('reveal'), s.party === party ? altered : numbers[s.party]),
      )
      expect(checksOf(outcome)).toContain('share-copies-differ')
    }
})

test('reveal: a digest altered on its way stops the run', async () => {
  const outcome = await settleThree(s => reveal(s.step('reveal'), numbers[s.party]), {
    corrupt: { party: 1, address: 'reveal', direction: 'next', change: flipFirstBit },
  })
  expect(checksOf(outcome)[2]).toBe('share-copies-differ')
})

test('reveal: a fresh share altered for one holder is noticed by the recipient', async () => {
  const run = await runThree(s => reveal(s.step('reveal'), numbers[s.party]), {
    corrupt: { party: 1, address: 'reveal', direction: 'previous', change: flipFirstBit },
  })
  let thrown: unknown
  try {
    reconstructField(referenceKernel, run.results)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Abort)
  expect((thrown as Abort).check).toBe('share-copies-differ')
})

test('only what reveal returns has the type that may be sealed', async () => {
  const seal = (_: Revealed): string => 'sealed'
  const run = await runThree(async s => seal(await reveal(s.step('reveal'), numbers[s.party])))
  expect(run.results).toEqual(['sealed', 'sealed', 'sealed'])
  // @ts-expect-error a share held by a party is not a revealed one
  seal(numbers[0])
})

test('reveal re-randomises: what leaves differs from what is held, and from run to run', async () => {
  const leave = async (seed: string) =>
    (await runThree(s => reveal(s.step('reveal'), numbers[s.party]), { seed })).results
  const [first, second] = [await leave('one'), await leave('two')]
  expect(valuesOfField(first)).toEqual(valuesOfField(second))
  for (const party of PARTIES)
    for (const side of ['own', 'next'] as const)
      numbers[party][side].words.forEach((held, row) => {
        expect(first[party][side].words[row]).not.toBe(held)
        expect(second[party][side].words[row]).not.toBe(first[party][side].words[row])
      })
})

const computation = async (s: Session) => {
  const [converted, negative] = await Promise.all([
    bitToField(s.step('bit'), flags[s.party]),
    isNegative(s.step('sign'), numbers[s.party]),
  ])
  const sign = await bitToField(s.step('sign-bit'), negative)
  const shown = await reveal(s.step('reveal'), await multiply(s.step('times'), sign, numbers[s.party]))
  return [converted, shown]
}

test('a run that is repeated sends the same bytes in the same frames', async () => {
  const record = async (seed: string) => {
    const frames: Frame[] = []
    const run = await runThree(computation, { seed, onFrame: frame => void frames.push(frame) })
    return {
      frames: frames.map(f => `${f.round} ${f.from}>${f.to} ${toHex(f.bytes)}`).sort(),
      transcripts: run.counters.map(c => toHex(c.transcript)),
    }
  }
  const first = await record('one')
  expect(await record('one')).toEqual(first)
  const other = await record('two')
  expect(other.frames.map(f => f.length)).toEqual(first.frames.map(f => f.length))
  // Frames of a few bits may be the same by chance.
  const long = (frames: readonly string[]) => frames.filter(frame => frame.length > 40)
  expect(long(first.frames).length).toBeGreaterThan(10)
  for (const frame of long(other.frames)) expect(first.frames).not.toContain(frame)
  expect(new Set([...first.transcripts, ...other.transcripts]).size).toBe(6)
})

test('the same product at two addresses travels under two masks', async () => {
  const frames: Uint8Array[] = []
  await runThree(
    async s => {
      await multiply(s.step('a'), numbers[s.party], numbers[s.party])
      await multiply(s.step('b'), numbers[s.party], numbers[s.party])
    },
    { onFrame: ({ bytes }) => void frames.push(bytes) },
  )
  expect(new Set(frames.map(toHex)).size).toBe(6)
})

test('nothing is opened or revealed before everything was proved', async () => {
  for (const exit of [open, reveal] as ((s: Session, x: SharedField) => Promise<unknown>)[]) {
    const frames: number[] = []
    const refuse = {
      ...semiHonestTape,
      validate: async () => {
        throw new Abort('proof-rejected', 'a gate was computed wrongly')
      },
    }
    const outcome = await settleThree(
      async s => exit(s.step('exit'), await multiply(s.step('x'), numbers[s.party], numbers[s.party])),
      { tape: () => refuse, onFrame: ({ round }) => void frames.push(round) },
    )
    expect(checksOf(outcome)).toEqual(['proof-rejected', 'proof-rejected', 'proof-rejected'])
    expect(frames).toEqual([0, 0, 0])
  }
})

test('reveal proves what leaves: its own gate is followed by a proof', async () => {
  const tapes = PARTIES.map(recordingTape)
  await runThree(s => reveal(s.step('reveal'), numbers[s.party]), { tape: party => tapes[party]! })
  for (const tape of tapes) expect(tape.gates.map(g => g.kind)).toEqual(['validate', 'product', 'validate'])
})
