/**
 * The one place through which every AND gate and every product in F_p goes. In verified mode the tape keeps what the
 * proof needs; in semi-honest mode it keeps nothing. No protocol knows which of the two it has.
 */
import type { PartyIndex, SharedBits, SharedField } from '../sharing/shared.ts'
import type { Session } from './session.ts'

/** One output of a dot product: `x` and `y` are lists of blocks. */
export interface DotPair {
  readonly x: readonly SharedField[]
  readonly y: readonly SharedField[]
}

export interface GateTape {
  /**
   * z = x ∧ y, computed at `address` under one mask of bits drawn there for purpose `gate`; every vector takes its words
   * of the mask from the next 64-bit boundary.
   */
  and(address: string, x: readonly SharedBits[], y: readonly SharedBits[], z: readonly SharedBits[]): void
  /** z = x · y elementwise, under the mask drawn at `address` for purpose `gate`. */
  product(address: string, x: SharedField, y: SharedField, z: SharedField): void
  /** Element o of z = Σ x_t · y_t over the blocks of `pairs[o]`, under element o of the mask for purpose `gate`. */
  dot(address: string, pairs: readonly DotPair[], z: SharedField): void
  /**
   * The same for every row: z_r = Σ_j x_{rw+j} · y_{rw+j} over the w = `columns` elements of a row, mask element r. The
   * factors are large and follow from what is shared already, so they are made when the tape asks for them.
   */
  dotRows(
    address: string,
    columns: number,
    factors: () => { readonly x: SharedField; readonly y: SharedField },
    z: SharedField,
  ): void
  /**
   * z = x_p · x_{p+1}, the product of two shares that the prover p knows both; party p - 1 knows x_p and z_p, party p + 1
   * knows x_{p+1} and z_{p+1}, and z_{p+2} = 0. One of z_p and z_{p+1} is the mask; see `protocol/deal-product.ts`. x is
   * made when the tape asks for it.
   */
  input(address: string, prover: PartyIndex, x: () => SharedField, z: SharedField): void
  /** Proves all gates recorded so far, or throws `Abort`. */
  validate(session: Session): Promise<void>
}

/** Semi-honest mode: parties follow the protocol, so there is nothing to prove and nothing to keep. */
export const semiHonestTape: GateTape = Object.freeze({
  and: () => {},
  product: () => {},
  dot: () => {},
  dotRows: () => {},
  input: () => {},
  validate: async () => {},
})
