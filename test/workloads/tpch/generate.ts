/**
 * Rows for the eight tables by the rules of TPC-H: keys, prices that follow from part keys, suppliers that follow from
 * parts, dates that follow from the date of the order, flags that follow from dates. One seed gives one data set. Three
 * things differ from the specification at small scales: the four suppliers of a part always differ, one supplier has
 * complaints, and one order in thirty a special request, so that no query looks for what is not there.
 */
import type { TableSchema } from '../../../shared/data/schema.ts'
import { encodeValue, type RawValue } from '../../../shared/data/value.ts'
import type { TestTable } from '../../sql/logic/database.ts'
import { createRandom, type Random } from '../../sql/table.ts'
import { orderKeyOf, schemasAt, sizesAt } from './schemas.ts'
import {
  BRANDS,
  CLASSES,
  COLOURS,
  CONTAINERS,
  FILLER,
  FINISHES,
  INSTRUCTIONS,
  METALS,
  MODES,
  NATIONS,
  PRIORITIES,
  REGIONS,
  SEGMENTS,
} from './words.ts'

type Row = Readonly<Record<string, RawValue>>

const DAY = 86_400_000
const dayOf = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY
const textOfDay = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)

const FIRST_DAY = dayOf('1992-01-01')
/** 151 days before the end, so that every line has been received. */
const LAST_ORDER_DAY = dayOf('1998-12-31') - 151
const TODAY = dayOf('1995-06-17')

const cents = (value: number): string => `${Math.trunc(value / 100)}.${String(value % 100).padStart(2, '0')}`
const balance = (random: Random): string => {
  const value = random.between(-99_999, 999_999)
  return `${value < 0 ? '-' : ''}${cents(Math.abs(value))}`
}
const numbered = (word: string, key: number): string => `${word}#${String(key).padStart(9, '0')}`
const words = (random: Random, count: number): readonly string[] =>
  Array.from({ length: count }, () => random.pick(FILLER))

const phone = (random: Random, nation: number): string =>
  `${nation + 10}-${random.between(100, 999)}-${random.between(100, 999)}-${random.between(1000, 9999)}`

/** Price of a part in cents. */
const retailPrice = (part: number): number => 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000)

/** One of the four suppliers of a part. Where there are few suppliers, the step between them grows until they differ. */
const supplierOf = (part: number, which: number, suppliers: number): number => {
  let step = Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers)
  while ([1, 2, 3].some(times => (times * step) % suppliers === 0)) step++
  return ((part + which * step) % suppliers) + 1
}

const supplierRow = (random: Random, key: number, complaining: number): Row => {
  const nation = random.below(NATIONS.length)
  const comment = words(random, 6)
  return {
    s_suppkey: key,
    s_name: numbered('Supplier', key),
    s_address: words(random, 2).join(' '),
    s_nationkey: nation,
    s_phone: phone(random, nation),
    s_acctbal: balance(random),
    s_comment: [
      ...comment.slice(0, 3),
      ...(key === complaining ? ['Customer', 'slow', 'Complaints'] : []),
      ...comment.slice(3),
    ].join(' '),
  }
}

const partRow = (random: Random, key: number): Row => {
  const brand = random.pick(BRANDS)
  const colours = new Set<string>()
  while (colours.size < 5) colours.add(random.pick(COLOURS))
  const [kind, finish, metal] = [random.pick(CLASSES), random.pick(FINISHES), random.pick(METALS)]
  const name = [...colours].join(' ')
  return {
    p_partkey: key,
    p_name: name,
    p_mfgr: `Manufacturer#${brand[6]}`,
    p_brand: brand,
    p_type: `${kind} ${finish} ${metal}`,
    p_class: kind,
    p_finish: finish,
    p_metal: metal,
    p_size: random.between(1, 50),
    p_container: random.pick(CONTAINERS),
    p_green: name.includes('green'),
    p_forest: name.startsWith('forest'),
  }
}

const customerRow = (random: Random, key: number): Row => {
  const nation = random.below(NATIONS.length)
  const number = phone(random, nation)
  return {
    c_custkey: key,
    c_name: numbered('Customer', key),
    c_address: words(random, 2).join(' '),
    c_nationkey: nation,
    c_phone: number,
    c_acctbal: balance(random),
    c_mktsegment: random.pick(SEGMENTS),
    c_comment: words(random, 4).join(' '),
    c_code: number.slice(0, 2),
  }
}

interface Line {
  readonly row: Row
  /** In hundredths of hundredths of a cent. */
  readonly charge: bigint
  readonly status: 'F' | 'O'
}

const lineOf = (
  random: Random,
  order: { readonly key: number; readonly day: number },
  number: number,
  sizes: ReturnType<typeof sizesAt>,
): Line => {
  const part = random.between(1, sizes.part)
  const quantity = random.between(1, 50)
  const price = quantity * retailPrice(part)
  const [discount, tax] = [random.between(0, 10), random.between(0, 8)]
  const shipped = order.day + random.between(1, 121)
  const received = shipped + random.between(1, 30)
  const status = shipped > TODAY ? 'O' : 'F'
  return {
    status,
    charge: BigInt(price) * BigInt(100 - discount) * BigInt(100 + tax),
    row: {
      l_orderkey: order.key,
      l_partkey: part,
      l_suppkey: supplierOf(part, random.below(4), sizes.supplier),
      l_linenumber: number,
      l_quantity: quantity,
      l_extendedprice: cents(price),
      l_discount: cents(discount),
      l_tax: cents(tax),
      l_returnflag: received <= TODAY ? random.pick(['R', 'A']) : 'N',
      l_linestatus: status,
      l_shipdate: textOfDay(shipped),
      l_commitdate: textOfDay(order.day + random.between(30, 90)),
      l_receiptdate: textOfDay(received),
      l_shipinstruct: random.pick(INSTRUCTIONS),
      l_shipmode: random.pick(MODES),
    },
  }
}

const orderRow = (
  random: Random,
  { key, day }: { readonly key: number; readonly day: number },
  lines: readonly Line[],
  customers: number,
): Row => {
  // A third of the customers never orders.
  let customer = random.between(1, customers)
  while (customer % 3 === 0) customer = random.between(1, customers)
  const statuses = new Set(lines.map(line => line.status))
  const charge = lines.reduce((sum, line) => sum + line.charge, 0n)
  const special = random.chance(1 / 30)
  const comment = [
    ...words(random, 3),
    ...(special ? ['special', 'ironic', 'requests'] : ['requests', 'special']),
  ]
  return {
    o_orderkey: key,
    o_custkey: customer,
    o_orderstatus: statuses.size === 2 ? 'P' : (lines[0] as Line).status,
    o_totalprice: cents(Number((charge + 5000n) / 10_000n)),
    o_orderdate: textOfDay(day),
    o_orderpriority: random.pick(PRIORITIES),
    o_shippriority: 0,
    o_comment: comment.join(' '),
    o_special: /special.*requests/.test(comment.join(' ')),
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

const tableOf = (schema: TableSchema, rows: readonly Row[]): TestTable => {
  const shared = new Set(schema.columns.map(({ name }) => name))
  const texts = Object.keys(rows[0] ?? {}).filter(name => !shared.has(name))
  return {
    schema,
    rows: {
      count: rows.length,
      valid: rows.map(() => true),
      columns: new Map(
        schema.columns.map(({ name, type }) => [
          name,
          rows.map(row => encodeValue(type, row[name] as RawValue)),
        ]),
      ),
    },
    texts: new Map(texts.map(name => [name, rows.map(row => String(row[name]))])),
  }
}

export const generateTpch = (scale: number, seed: number): Readonly<Record<string, TestTable>> => {
  const random = createRandom(seed)
  const sizes = sizesAt(scale)
  const schemas = schemasAt(scale)
  const complaining = random.between(1, sizes.supplier)
  const orders = range(sizes.orders).map(place => {
    const order = { key: orderKeyOf(place), day: random.between(FIRST_DAY, LAST_ORDER_DAY) }
    const lines = range(random.between(1, 7)).map(i => lineOf(random, order, i + 1, sizes))
    return { lines, row: orderRow(random, order, lines, sizes.customer) }
  })
  const rows: Readonly<Record<string, readonly Row[]>> = {
    region: REGIONS.map((name, key) => ({ r_regionkey: key, r_name: name })),
    nation: NATIONS.map(([name, region], key) => ({ n_nationkey: key, n_name: name, n_regionkey: region })),
    supplier: range(sizes.supplier).map(i => {
      const row = supplierRow(random, i + 1, complaining)
      return { ...row, s_complaints: /Customer.*Complaints/.test(String(row.s_comment)) }
    }),
    part: range(sizes.part).map(i => partRow(random, i + 1)),
    partsupp: range(sizes.part).flatMap(i =>
      range(4).map(which => ({
        ps_partkey: i + 1,
        ps_suppkey: supplierOf(i + 1, which, sizes.supplier),
        ps_availqty: random.between(1, 9999),
        ps_supplycost: cents(random.between(100, 100_000)),
      })),
    ),
    customer: range(sizes.customer).map(i => customerRow(random, i + 1)),
    orders: orders.map(({ row }) => row),
    lineitem: orders.flatMap(({ lines }) => lines.map(({ row }) => row)),
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, tableOf(schema, rows[name] ?? [])]),
  )
}
