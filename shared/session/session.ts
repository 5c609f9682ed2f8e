/**
 * What a protocol sees of the world: its party index, masks by address, one way to exchange vectors with the two
 * neighbours, and the gate tape. Protocol code is plain async code that awaits nothing but `exchange` (directly or
 * through another protocol); rounds merge by themselves, see `lockstep.ts`.
 */
import type { Bits } from '../bits/bits.ts'
import type { Field } from '../field/field.ts'
import type { Kernel, Masks } from '../kernel/kernel.ts'
import type { PartyIndex, SharedBits, SharedField } from '../sharing/shared.ts'
import type { GateTape } from './gate-tape.ts'

export type Vector = Bits | Field

/**
 * What is expected from a neighbour: a vector of public shape; or exactly these 32 bytes (a digest to compare with); or
 * the digest of vector number `digestOfVector` that is expected from the other neighbour in the same exchange. A digest
 * that differs aborts the run under the name `check` before any result of the round is seen.
 */
export type Expected =
  | { readonly domain: 'boolean' | 'field'; readonly length: number }
  | { readonly digest: Uint8Array; readonly check: string }
  | { readonly digestOfVector: number; readonly check: string }

export interface Exchange {
  /**
   * Needed when the three parties do not send and expect the same things: the public shape of the whole exchange in a
   * few words, the same at all three, so that they can still notice that they do not compute the same thing.
   */
  readonly shape?: string
  readonly toPrevious?: readonly (Vector | Uint8Array)[]
  readonly toNext?: readonly (Vector | Uint8Array)[]
  readonly fromPrevious?: readonly Expected[]
  readonly fromNext?: readonly Expected[]
}

/** The vectors that came, in the order expected; digests were compared and are left out. */
export interface Received {
  readonly fromPrevious: readonly Vector[]
  readonly fromNext: readonly Vector[]
}

export interface Session {
  readonly party: PartyIndex
  readonly kernel: Kernel
  /** Path of step names from the root of the run, such as `block-3/filter/less-than/level-2`. */
  readonly address: string
  readonly tape: GateTape
  /** The session one step down. A name is taken once under one parent: a second use throws. */
  step(name: string): Session
  /**
   * Two uniform vectors at this address, one from key i and one from key i + 1: a random sharing as it stands, and
   * (own ⊕ next, or own - next) summed over the parties is zero. `purpose` separates several draws at one address; one
   * (address, purpose) is drawn once, a second time throws.
   */
  maskBits(purpose: string, length: number): SharedBits
  maskField(purpose: string, length: number): SharedField
  /** The streams of `maskBits` and `maskField`, for `kernel.andLocal` and `kernel.mulLocal` to draw `words` words from. */
  masks(purpose: string, words: number): Masks
  /** One of the two vectors of `maskField` alone; it counts as the draw. */
  maskFieldFrom(key: 'own' | 'next', purpose: string, length: number): Field
  /**
   * Sends and receives in the current round. All exchanges issued before every branch waits share one round and one
   * frame a neighbour. Lengths are public and must agree between the parties. Throws `Abort` when a digest differs,
   * a field vector is not canonical, or the parties' addresses diverge.
   */
  exchange(message: Exchange): Promise<Received>
  /** SHA-256 of a vector as it travels, for comparing the two copies of a share. */
  digest(vector: Vector): Uint8Array
  /** Proves everything computed so far; called before any value is opened. A no-op in semi-honest mode. */
  validate(): Promise<void>
}
