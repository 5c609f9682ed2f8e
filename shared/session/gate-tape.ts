/**
 * The one place through which every AND gate and every product in F_p goes. In verified mode the tape keeps what the
 * proof needs; in semi-honest mode it keeps nothing. No protocol knows which of the two it has.
 */
import type { Field } from '../field/field.ts'
import type { SharedBits, SharedField } from '../sharing/shared.ts'
import type { Session } from './session.ts'

export interface GateTape {
  /** z = x ∧ y, computed at `address` under the masks drawn there for purpose `gate`. */
  and(address: string, x: readonly SharedBits[], y: readonly SharedBits[], z: readonly SharedBits[]): void
  /** z = x · y elementwise. */
  product(address: string, x: SharedField, y: SharedField, z: SharedField): void
  /** z = Σ x_t · y_t, one output; `x` and `y` are lists of blocks. */
  dot(address: string, x: readonly SharedField[], y: readonly SharedField[], z: SharedField): void
  /**
   * z = the part of a product that one party computes alone from values it holds, shared by `prover` under a mask that
   * the receiver lacks; see `protocol/bit-to-field.ts`. `known` is that party's value (absent at the two others).
   */
  input(address: string, prover: 0 | 1 | 2, known: Field | undefined, z: SharedField): void
  /** Proves all gates recorded so far, or throws `Abort`. */
  validate(session: Session): Promise<void>
}

/** Semi-honest mode: parties follow the protocol, so there is nothing to prove and nothing to keep. */
export const semiHonestTape: GateTape = Object.freeze({
  and: () => {},
  product: () => {},
  dot: () => {},
  input: () => {},
  validate: async () => {},
})
