/** The Lambda host as a process: its ready line, and that neither it nor an instance outlives who started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { waitFor } from '../../support/federation.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-lambda-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

const config = join(directory, 'host.json')
writeFileSync(
  config,
  JSON.stringify({
    functions: [{ name: 'inspect', handler: 'lambda-handlers.inspect', directory: import.meta.dirname }],
    url: { function: 'inspect' },
  }),
)

const startProcess = async (...options: string[]) => {
  const child = spawn(process.execPath, ['functions/local/lambda-host/main.ts', config, ...options], {
    cwd: resolve(import.meta.dirname, '../../..'),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', data => {
    stdout += data
  })
  child.stderr.on('data', data => {
    stderr += data
  })
  const exited = new Promise<number | null>(done => child.once('exit', done))
  await waitFor('the ready line', async () => {
    if (child.exitCode !== null) throw new Error(`the host ended: ${stderr}`)
    return stdout.includes('\n') ? true : undefined
  })
  const { url, ...ready } = JSON.parse(stdout)
  expect(ready).toEqual({ ready: true, host: 'lambda-host', pid: child.pid })
  const { pid } = (await (await fetch(url)).json()) as { pid: number }
  return { child, exited, instance: pid, stdout: () => stdout }
}

const gone = (pid: number): Promise<true> =>
  waitFor(`the end of ${pid}`, async () => {
    try {
      process.kill(pid, 0)
      return undefined
    } catch {
      return true
    }
  })

test('SIGTERM stops the host and its instances', async () => {
  const { child, exited, instance, stdout } = await startProcess()
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  await gone(instance)
  expect(stdout().trim().split('\n')).toHaveLength(1)
})

test('instances end when the host is killed', async () => {
  const { child, instance } = await startProcess()
  child.kill('SIGKILL')
  await gone(instance)
})

test('the host ends with its parent when asked to, and only then', async () => {
  const tied = await startProcess('--exit-with-parent')
  tied.child.stdin.end()
  expect(await tied.exited).toBe(0)
  await gone(tied.instance)
  const free = await startProcess()
  free.child.stdin.end()
  await new Promise(done => setTimeout(done, 300))
  expect(free.child.exitCode).toBeNull()
})

test('a host that cannot start says why', async () => {
  const bad = join(directory, 'bad.json')
  writeFileSync(bad, JSON.stringify({ functions: [{ name: 'a', handler: 'a.b', directory: 'nowhere' }] }))
  const child = spawn(process.execPath, ['functions/local/lambda-host/main.ts', bad], { stdio: 'pipe' })
  children.push(child)
  let stderr = ''
  child.stderr.on('data', data => {
    stderr += data
  })
  expect(await new Promise(done => child.once('close', done))).toBe(2)
  expect(JSON.parse(stderr)).toMatchObject({
    event: 'start-failed',
    error: 'the function a has no code',
    where: join(directory, 'nowhere'),
  })
})
