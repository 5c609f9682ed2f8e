/** What we never write, and what must never be in a commit. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(file => /\.(ts|md|json|sql|ya?ml)$/.test(file) && file !== 'package-lock.json')

/** The pages that say which words not to use have to name them. */
const namesTheWords = ['docs/internals/vocabulary.md', 'test/repository/words.test.ts', 'CONTRIBUTING.md']

const linesWith = (pattern: RegExp, except: readonly string[] = []): string[] =>
  tracked
    .filter(file => !except.includes(file))
    .flatMap(file => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n')
      return lines.flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      )
    })

test('shares are personal data: no promise that we cannot keep', () => {
  expect(
    linesWith(
      /\banonymous (share|data)|GDPR-certified|CLOUD-?Act-proof|tamper-proof|data never leaves/i,
      namesTheWords,
    ),
  ).toEqual([])
})

test('nothing names a path of a developer machine', () => {
  expect(linesWith(/(^|[\s'"`(])\/(work|root|home)\//, ['test/repository/words.test.ts'])).toEqual([])
})

test('the lock file names no registry host', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/)
})

test('every dependency has an exact version', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version as string),
  )
  expect(loose).toEqual([])
})
