/** Every test that `docs/internals/pitfalls.md` promises exists, and none of the eighteen pitfalls is left out. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/internals/pitfalls.md'), 'utf8')
const named = [...page.matchAll(/\| `(test\/[\w/.-]+)`: (.+?) \|$/gm)].map(([, file, title]) => ({
  file,
  title,
}))

test('the tests named exist', () => {
  expect(named.length).toBeGreaterThan(30)
  const missing = named.filter(({ file, title }) => {
    const path = join(root, file as string)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    // Titles of tables of cases are put together, so the start in quotes is enough there.
    return (
      !text.includes(title as string) && !text.includes((title as string).split(':').at(-1)?.trim() as string)
    )
  })
  expect(missing).toEqual([])
})

test('all eighteen pitfalls have a line', () => {
  const numbers = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
  expect(numbers).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
})
