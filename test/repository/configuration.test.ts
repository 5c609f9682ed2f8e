/** docs/reference/configuration.md names every setting that a party reads, and the defaults that it has. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../functions/party/rate-limit.ts'
import { deadlinesSetting, limitsSetting } from '../../functions/party/settings.ts'
import { DEFAULT_DEADLINES } from '../../shared/party/world.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/reference/configuration.md'), 'utf8')
const source = (file: string): string => readFileSync(join(root, file), 'utf8')

test('every variable and setting of the clouds has its place', () => {
  const names = ['aws', 'azure']
    .flatMap(cloud => [...source(`functions/${cloud}/config.ts`).matchAll(/^ +(TRIAS_\w+):/gm)])
    .map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter(name => !page.includes(`\`${name}\``))).toEqual([])
  const known = new Set([...names, 'TRIAS_PASSPHRASE', 'TRIAS_DATABASE_PASSWORD'])
  expect([...page.matchAll(/TRIAS_\w+/g)].map(([name]) => name).filter(name => !known.has(name))).toEqual([])
})

test('every member of the on-prem file has its place', () => {
  const text = source('functions/onprem/config.ts')
  const schemas = text.slice(text.indexOf('const databaseSchema'), text.indexOf('type DatabaseConfig'))
  const names = [...schemas.matchAll(/(?:^|[{,]) *(\w+): (?:z\.|file|host|port|database|deadlines|limits)/gm)]
  expect(names.length).toBeGreaterThan(12)
  expect(names.map(([, name]) => name).filter(name => !page.includes(`\`${name}\``))).toEqual([])
})

test('deadlines and limits stand there with their defaults', () => {
  const number = (value: number): string => value.toLocaleString('en')
  expect(Object.keys(deadlinesSetting.shape).sort()).toEqual(Object.keys(DEFAULT_DEADLINES).sort())
  expect(Object.keys(limitsSetting.shape).sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort())
  for (const [name, value] of Object.entries(DEFAULT_DEADLINES))
    expect(page).toMatch(new RegExp(`\`${name}\` \\| ${number(value)}`))
  for (const [name, value] of Object.entries(DEFAULT_LIMITS))
    expect(page).toContain(`\`${name}\` ${number(value)}`)
})
