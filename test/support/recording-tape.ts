/** A gate tape that keeps everything, and the check of what three of them kept: what verified mode will prove. */
import { expect } from 'vitest'
import { decodeInteger, P } from '../../shared/field/field.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { bitBytes } from '../../shared/protocol/cost.ts'
import type { DotPair, GateTape } from '../../shared/session/gate-tape.ts'
import { reconstructField } from '../../shared/sharing/reconstruct.ts'
import type { PartyIndex, SharedBits, SharedField } from '../../shared/sharing/shared.ts'
import { valuesOfBits } from './three-parties.ts'

type Gate =
  | {
      kind: 'and'
      address: string
      x: readonly SharedBits[]
      y: readonly SharedBits[]
      z: readonly SharedBits[]
    }
  | { kind: 'product'; address: string; x: SharedField; y: SharedField; z: SharedField }
  | { kind: 'dot'; address: string; pairs: readonly DotPair[]; z: SharedField }
  | { kind: 'dotRows'; address: string; x: SharedField; y: SharedField; columns: number; z: SharedField }
  | { kind: 'input'; address: string; prover: PartyIndex; x: SharedField; z: SharedField }
  | { kind: 'validate' }

export interface RecordingTape extends GateTape {
  readonly gates: readonly Gate[]
}

export const recordingTape = (): RecordingTape => {
  const gates: Gate[] = []
  return {
    gates,
    and: (address, x, y, z) => void gates.push({ kind: 'and', address, x, y, z }),
    product: (address, x, y, z) => void gates.push({ kind: 'product', address, x, y, z }),
    dot: (address, pairs, z) => void gates.push({ kind: 'dot', address, pairs, z }),
    dotRows: (address, columns, factors, z) =>
      void gates.push({ kind: 'dotRows', address, ...factors(), columns, z }),
    input: (address, prover, x, z) => void gates.push({ kind: 'input', address, prover, x: x(), z }),
    validate: async () => void gates.push({ kind: 'validate' }),
  }
}

type Three<T> = readonly [T, T, T]
const elements = (shares: Three<SharedField>): bigint[] => [
  ...reconstructField(referenceKernel, shares).words,
]
const mod = (value: bigint): bigint => ((value % P) + P) % P

/** Bytes that party `party` sends for the gates it recorded. */
export const bytesOfGates = (tape: RecordingTape, party: PartyIndex): number =>
  tape.gates.reduce((bytes, gate) => {
    if (gate.kind === 'and') return bytes + gate.z.reduce((n, { own }) => n + bitBytes(own.length), 0)
    if (gate.kind === 'input') return bytes + (gate.prover === party ? 8 * gate.z.own.length : 0)
    return gate.kind === 'validate' ? bytes : bytes + 8 * gate.z.own.length
  }, 0)

/** All three tapes hold the same gates at the same addresses, and every gate is right. */
export const expectGatesCorrect = (tapes: Three<RecordingTape>): void => {
  const [first, second, third] = tapes
  const headings = tapes.map(({ gates }) =>
    gates.map(g => (g.kind === 'validate' ? g.kind : `${g.kind} ${g.address}`)),
  )
  expect(headings[1]).toEqual(headings[0])
  expect(headings[2]).toEqual(headings[0])
  first.gates.forEach((gate, at) => {
    /** The same part of the same gate at all three parties. */
    const three = <G extends Gate, S>(kind: G['kind'], part: (gate: G) => S): Three<S> => {
      expect(gate.kind).toBe(kind)
      return [gate, second.gates[at], third.gates[at]].map(g => part(g as G)) as unknown as Three<S>
    }
    if (gate.kind === 'and') {
      type And = Extract<Gate, { kind: 'and' }>
      gate.z.forEach((_, i) => {
        const [x, y, z] = (['x', 'y', 'z'] as const).map(name =>
          valuesOfBits(three<And, SharedBits>('and', g => g[name][i] as SharedBits)),
        )
        expect(z, gate.address).toEqual(x?.map((bit, row) => bit & (y?.[row] as number)))
      })
    } else if (gate.kind === 'product') {
      type Product = Extract<Gate, { kind: 'product' }>
      const [x, y, z] = (['x', 'y', 'z'] as const).map(name =>
        elements(three<Product, SharedField>('product', g => g[name])),
      )
      expect(z, gate.address).toEqual(x?.map((v, row) => mod(v * (y?.[row] as bigint))))
    } else if (gate.kind === 'dot') {
      type Dot = Extract<Gate, { kind: 'dot' }>
      const z = elements(three<Dot, SharedField>('dot', g => g.z))
      const sums = gate.pairs.map((pair, o) =>
        pair.x.reduce((sum, _, t) => {
          const x = elements(three<Dot, SharedField>('dot', g => g.pairs[o]?.x[t] as SharedField))
          const y = elements(three<Dot, SharedField>('dot', g => g.pairs[o]?.y[t] as SharedField))
          return mod(sum + x.reduce((s, v, row) => s + v * (y[row] as bigint), 0n))
        }, 0n),
      )
      expect(z, gate.address).toEqual(sums)
    } else if (gate.kind === 'dotRows') {
      type DotRows = Extract<Gate, { kind: 'dotRows' }>
      const [x, y, z] = (['x', 'y', 'z'] as const).map(name =>
        elements(three<DotRows, SharedField>('dotRows', g => g[name])),
      ) as [bigint[], bigint[], bigint[]]
      const { columns } = gate
      const products = x.map((v, i) => v * (y[i] as bigint))
      const sums = z.map((_, row) =>
        mod(products.slice(row * columns, (row + 1) * columns).reduce((sum, product) => sum + product, 0n)),
      )
      expect(z, gate.address).toEqual(sums)
    } else if (gate.kind === 'input') {
      type Input = Extract<Gate, { kind: 'input' }>
      const z = elements(three<Input, SharedField>('input', g => g.z))
      const provers = (tapes[gate.prover] as RecordingTape).gates[at] as Input
      const product = referenceKernel.fieldMul(provers.x.own.words, provers.x.next.words)
      expect(z, gate.address).toEqual([...product])
      // What the proof will ask the neighbours for: the one factor that each of them holds.
      const before = (tapes[(gate.prover + 2) % 3] as RecordingTape).gates[at] as Input
      const after = (tapes[(gate.prover + 1) % 3] as RecordingTape).gates[at] as Input
      expect([...before.x.next.words], gate.address).toEqual([...provers.x.own.words])
      expect([...after.x.own.words], gate.address).toEqual([...provers.x.next.words])
      expect([...after.z.next.words].every(word => decodeInteger(word) === 0n)).toBe(true)
    }
  })
}
