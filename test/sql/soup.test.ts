/** Whatever the text, compiling gives a plan or says what is wrong with it; it never crashes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { PAY } from './table.ts'

const outcomeOf = (sql: string): Promise<string> =>
  compile(sql, { tables: [{ schema: PAY, rows: 1000 }], minimumGroupSize: 5 }).then(
    () => 'compiled',
    (error: Error) => error.name,
  )

const WORDS = [
  ...'SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT AND OR NOT IN IS NULL BETWEEN CASE WHEN THEN ELSE END AS DATE TRUE FALSE ASC DESC'.split(
    ' ',
  ),
  ...'COUNT SUM AVG ( ) ( ) , , * + - / = <> < >= . ; :: $1 pay pay hours salary bonus gender grade remote hired'.split(
    ' ',
  ),
  ...["'f'", "'2020-01-01'", '1', '2.5', '1e9', "'", '--', '/*'],
]

test('word soup', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }), async words => {
      expect(['compiled', 'InputError', 'Refusal']).toContain(await outcomeOf(words.join(' ')))
    }),
    { numRuns: 1500 },
  )
})

const GOOD =
  "SELECT grade, gender AS g, COUNT(*), AVG(CASE WHEN hours > 3 THEN salary * 2 ELSE 0 END) FROM pay p WHERE hired >= DATE '2010-01-01' AND NOT (gender IN ('f', 'm') OR bonus BETWEEN 1 AND 2.5) AND remote IS NOT TRUE GROUP BY 1, g HAVING SUM(bonus) > COUNT(*) * 2 ORDER BY 3 DESC NULLS LAST LIMIT 5"
const TOKENS = GOOD.split(' ')

test('a good query with a few words swapped, dropped or repeated', async () => {
  expect(await outcomeOf(GOOD)).toBe('compiled')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(TOKENS.length - 1), fc.constantFrom(...WORDS, ''), fc.boolean()), {
        minLength: 1,
        maxLength: 3,
      }),
      async edits => {
        const words = [...TOKENS]
        for (const [at, word, insert] of edits) words.splice(at, insert ? 0 : 1, word)
        expect(['compiled', 'InputError', 'Refusal']).toContain(await outcomeOf(words.join(' ')))
      },
    ),
    { numRuns: 1500 },
  )
})

test('any text at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async text => {
      expect(['compiled', 'InputError', 'Refusal']).toContain(await outcomeOf(text))
    }),
  )
})
