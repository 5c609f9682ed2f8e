/** Every test that `docs/internals/pitfalls.md` promises exists, and none of the eighteen pitfalls is left out. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/internals/pitfalls.md'), 'utf8')
const rows = page.split('\n').filter(line => line.startsWith('| ') && !/^\| (#|what) \|/.test(line))
const notYet = rows.filter(row => row.endsWith('| not applicable yet |'))
const named = rows.flatMap(row => {
  const match = /\| `(test\/[\w/.-]+)`: (.+?) \|$/.exec(row)
  return match === null ? [] : [{ file: match[1] as string, title: match[2] as string }]
})

test('every line names a test, or says that there is nothing to test yet', () => {
  expect(named.length + notYet.length).toBe(rows.length)
})

test('the tests named exist, under exactly this title', () => {
  const missing = named.filter(({ file, title }) => {
    const path = join(root, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    // A title may end with the seed of the run.
    return !text.includes(`'${title}'`) && !text.includes(`\`${title} (`)
  })
  expect(missing).toEqual([])
})

test('all eighteen pitfalls have a line', () => {
  const numbers = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
  expect(numbers).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
})
