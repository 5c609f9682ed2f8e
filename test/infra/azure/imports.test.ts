/** The provider's package has one door, and nobody takes its barrel: that is what keeps the change to cdktn cheap. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
const DOOR = 'infra/azure/azurerm.ts'
const imported = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, from]) => from as string,
  )

test('azurerm is imported in one file', () => {
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.filter(file => imported(file).some(from => /provider-azurerm/.test(from)))).toEqual([DOOR])
})

test('and there by the path of one class', () => {
  const paths = imported(DOOR)
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter(path => !/^@cdktf\/provider-azurerm\/lib\/[a-z0-9-]+\/index\.js$/.test(path))).toEqual(
    [],
  )
})

test('only the stack, its tests and its own files know cdktf', () => {
  const others = sources.filter(
    file => imported(file).includes('cdktf') && !/^(infra|test\/infra)\/azure\//.test(file),
  )
  expect(others).toEqual([])
})
