/**
 * The eight tables as their owners share them: the columns that the queries need, with bounds, and the keys that joins
 * rely on. Texts stay with the owners. In their place stand
 *   p_class, p_finish, p_metal      the three words of p_type
 *   p_green, p_forest               whether p_name holds "green", and whether it begins with "forest"
 *   s_complaints                    whether s_comment holds "Customer", and "Complaints" after it
 *   o_special                       whether o_comment holds "special", and "requests" after it
 *   c_code                          the first two digits of c_phone
 */
import type { TableSchema } from '../../../shared/data/schema.ts'
import { boolean, category, column, date, integer, money } from '../columns.ts'
import {
  BRANDS,
  CLASSES,
  CONTAINERS,
  FINISHES,
  INSTRUCTIONS,
  MANUFACTURERS,
  METALS,
  MODES,
  NATIONS,
  PRIORITIES,
  REGIONS,
  SEGMENTS,
} from './words.ts'

const OPEN = { visibility: 'public' } as const

/** Rows by table at a scale factor; each order has one to seven lines more. */
export const sizesAt = (scale: number) => ({
  supplier: Math.round(10_000 * scale),
  part: Math.round(200_000 * scale),
  customer: Math.round(150_000 * scale),
  orders: Math.round(1_500_000 * scale),
})

/** Only the first eight of every 32 order keys are used. */
export const orderKeyOf = (place: number): number => Math.floor(place / 8) * 32 + (place % 8) + 1

export const schemasAt = (scale: number): Readonly<Record<string, TableSchema>> => {
  const sizes = sizesAt(scale)
  const days = date('1992-01-01', '1998-12-31')
  const partKey = integer(1, sizes.part)
  const supplierKey = integer(1, sizes.supplier)
  const customerKey = integer(1, sizes.customer)
  const orderKey = integer(1, orderKeyOf(sizes.orders - 1))
  const nationKey = integer(0, NATIONS.length - 1)
  return {
    region: {
      table: 'region',
      columns: [column('r_regionkey', integer(0, 4), OPEN), column('r_name', category(REGIONS), OPEN)],
      keys: [{ columns: ['r_regionkey'], rowsMax: 1 }],
    },
    nation: {
      table: 'nation',
      columns: [
        column('n_nationkey', nationKey, OPEN),
        column('n_name', category(NATIONS.map(([name]) => name)), OPEN),
        column('n_regionkey', integer(0, 4), OPEN),
      ],
      keys: [{ columns: ['n_nationkey'], rowsMax: 1 }],
    },
    supplier: {
      table: 'supplier',
      columns: [
        column('s_suppkey', supplierKey),
        column('s_nationkey', nationKey),
        column('s_acctbal', money('-999.99', '9999.99')),
        column('s_complaints', boolean),
      ],
      keys: [{ columns: ['s_suppkey'], rowsMax: 1 }],
    },
    part: {
      table: 'part',
      columns: [
        column('p_partkey', partKey),
        column('p_mfgr', category(MANUFACTURERS)),
        column('p_brand', category(BRANDS)),
        column('p_class', category(CLASSES)),
        column('p_finish', category(FINISHES)),
        column('p_metal', category(METALS)),
        column('p_size', integer(1, 50)),
        column('p_container', category(CONTAINERS)),
        column('p_green', boolean),
        column('p_forest', boolean),
      ],
      keys: [{ columns: ['p_partkey'], rowsMax: 1 }],
    },
    partsupp: {
      table: 'partsupp',
      columns: [
        column('ps_partkey', partKey),
        column('ps_suppkey', supplierKey),
        column('ps_availqty', integer(1, 9999)),
        column('ps_supplycost', money('1.00', '1000.00')),
      ],
      keys: [
        { columns: ['ps_partkey', 'ps_suppkey'], rowsMax: 1 },
        { columns: ['ps_partkey'], rowsMax: 4 },
      ],
    },
    customer: {
      table: 'customer',
      columns: [
        column('c_custkey', customerKey),
        column('c_nationkey', nationKey),
        column('c_acctbal', money('-999.99', '9999.99')),
        column('c_mktsegment', category(SEGMENTS)),
        column('c_code', integer(10, 34)),
      ],
      keys: [{ columns: ['c_custkey'], rowsMax: 1 }],
    },
    orders: {
      table: 'orders',
      columns: [
        column('o_orderkey', orderKey),
        column('o_custkey', customerKey),
        column('o_orderstatus', category(['F', 'O', 'P'])),
        column('o_totalprice', money('0.00', '800000.00')),
        column('o_orderdate', days),
        column('o_orderpriority', category(PRIORITIES)),
        column('o_shippriority', integer(0, 1)),
        column('o_special', boolean),
      ],
      keys: [{ columns: ['o_orderkey'], rowsMax: 1 }],
    },
    lineitem: {
      table: 'lineitem',
      columns: [
        column('l_orderkey', orderKey),
        column('l_partkey', partKey),
        column('l_suppkey', supplierKey),
        column('l_linenumber', integer(1, 7)),
        column('l_quantity', integer(1, 50)),
        column('l_extendedprice', money('900.00', '105000.00')),
        column('l_discount', money('0.00', '0.10')),
        column('l_tax', money('0.00', '0.08')),
        column('l_returnflag', category(['A', 'N', 'R'])),
        column('l_linestatus', category(['F', 'O'])),
        column('l_shipdate', days),
        column('l_commitdate', days),
        column('l_receiptdate', days),
        column('l_shipinstruct', category(INSTRUCTIONS)),
        column('l_shipmode', category(MODES)),
      ],
      keys: [
        { columns: ['l_orderkey', 'l_linenumber'], rowsMax: 1 },
        { columns: ['l_orderkey'], rowsMax: 7 },
      ],
    },
  }
}
