/**
 * What the clouds ask for what a run uses. List prices without tax, free quotas or discounts, in US dollars as the
 * clouds publish them, turned into euro at the rate below. They change: an estimate says from which day they are, and
 * whoever has a contract puts other numbers in their place.
 */
export interface PriceTable {
  /** The day from which the prices are. */
  readonly asOf: string
  readonly eurPerUsd: number
  /** Per party's provider; a provider that is not named here (such as a machine of one's own) costs nothing by use. */
  readonly providers: Readonly<Record<string, ProviderPrices>>
}

/** In US dollars. */
interface ProviderPrices {
  /** A second of one gigabyte of a function's memory. */
  readonly gigabyteSecond: number
  readonly millionInvocations: number
  readonly millionQueueRequests: number
  readonly millionTableWrites: number
  readonly millionTableReads: number
  /** Bytes that leave the cloud, per gigabyte. */
  readonly gigabyteOut: number
}

export const PRICES: PriceTable = {
  asOf: '2026-01-01',
  eurPerUsd: 0.86,
  providers: {
    aws: {
      gigabyteSecond: 0.0000133334,
      millionInvocations: 0.2,
      millionQueueRequests: 0.4,
      millionTableWrites: 0.7625,
      millionTableReads: 0.1525,
      gigabyteOut: 0.09,
    },
    azure: {
      gigabyteSecond: 0.000026,
      millionInvocations: 0.4,
      millionQueueRequests: 0.4,
      millionTableWrites: 0.036,
      millionTableReads: 0.036,
      gigabyteOut: 0.087,
    },
  },
}
