/** A program that was started tied: it ends with whoever started it, however that ends, and leaves nothing behind. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startTied } from '../../../functions/local/host/tied-program.ts'
import { waitFor } from '../../support/federation.ts'

const MODULE = new URL('../../../functions/local/host/tied-program.ts', import.meta.url)
/** A number of seconds that stands in no other command line marks the program. */
const marked = (): string => `9${Math.floor(Math.random() * 1e9)}`
const alive = async (seconds: string): Promise<boolean> => {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'])
  return stdout.split('\n').includes(`sleep ${seconds}`)
}
const untilAlive = (seconds: string) =>
  waitFor('the program', async () => ((await alive(seconds)) ? true : undefined))
const untilGone = (seconds: string) =>
  waitFor('its end', async () => ((await alive(seconds)) ? undefined : true))

test('it ends when it is told to, and is gone by then', async () => {
  const seconds = marked()
  const program = startTied(['sleep', seconds])
  await untilAlive(seconds)
  await program.end()
  expect(await alive(seconds)).toBe(false)
})

test('that it ended by itself is noticed', async () => {
  const program = startTied(['true'])
  await program.exited
  await program.end()
})

test('it ends when its parent is killed', async () => {
  const seconds = marked()
  const code = `const { startTied } = await import('${MODULE}'); startTied(['sleep', '${seconds}']); console.log('up'); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface({ input: parent.stdout }), 'line')
  await untilAlive(seconds)
  parent.kill('SIGKILL')
  await untilGone(seconds)
})
