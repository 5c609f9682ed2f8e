/**
 * `npm run test:localstack [-- --directory D]`: deploys the synthesized stack of AWS into LocalStack and runs reports with it.
 * LocalStack is, in this order, what answers at AWS_ENDPOINT_URL, the Docker image, or the package of PyPI, which is installed
 * into `D`, .trias/localstack. Where there is none it says `skipped`, and that nothing passed is said by nobody.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { InputError } from '../../shared/base/errors.ts'
import { dockerImage } from './docker-image.ts'
import { givenEndpoint } from './given-endpoint.ts'
import { firstToBeHad, type LocalStack } from './localstack.ts'
import { pypiPackage } from './pypi-package.ts'

const root = resolve(import.meta.dirname, '../..')
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const ignore = (): void => {}

interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Of vitest's report. A file that could not be run, and a run of nothing, count as failed. */
const countsOf = (file: string, status: number): Counts => {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'))
    const isSound = status === 0 && numPassedTests > 0
    return { passed: numPassedTests, failed: isSound ? numFailedTests : Math.max(1, numFailedTests) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const runTests = async ({ endpoint, about }: LocalStack): Promise<Counts> => {
  const folder = mkdtempSync(join(tmpdir(), 'trias-localstack-report-'))
  const report = join(folder, 'report.json')
  try {
    const child = spawn(
      process.execPath,
      [
        vitest,
        'run',
        '--config=vitest.localstack.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, LOCALSTACK_ENDPOINT: endpoint, LOCALSTACK_ABOUT: about },
      },
    )
    // A signal reaches vitest as well; it ends, and what was started here is closed as always.
    for (const signal of SIGNALS) process.on(signal, ignore)
    const [status] = (await once(child, 'exit')) as [number | null]
    return countsOf(report, status ?? 1)
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore)
    rmSync(folder, { recursive: true, force: true })
  }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { directory: { type: 'string' } } })
  const found = await firstToBeHad([
    givenEndpoint(process.env.AWS_ENDPOINT_URL),
    dockerImage(process.env),
    pypiPackage({
      directory: resolve(values.directory ?? join(root, '.trias/localstack')),
      env: process.env,
      say: line => console.log(line),
    }),
  ])
  if ('reasons' in found) {
    console.log(`skipped: no LocalStack can be had here. ${found.reasons.join('; ')}`)
    return
  }
  const { localStack } = found
  console.log(
    [
      `uses ${localStack.about}`,
      ...localStack.standIns.map(what => `  ${what}`),
      '  functions: our own Lambda host, against the services of the emulator',
    ].join('\n'),
  )
  try {
    const { passed, failed } = await runTests(localStack)
    console.log(`${passed} passed, ${failed} failed, with ${localStack.about}`)
    process.exitCode = failed === 0 ? 0 : 1
  } finally {
    await localStack.close()
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof InputError)) throw error
  console.error([error.message, error.where, error.hint].filter(Boolean).join('\n  '))
  process.exitCode = 1
}
