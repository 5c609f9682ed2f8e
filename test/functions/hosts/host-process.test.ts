/** The local hosts as processes: the ready line, and that neither a host nor its children outlive who started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../support/federation.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-hosts-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

interface Program {
  readonly name: 'lambda-host' | 'azure-host'
  readonly path: string
  readonly config: object
}

const programs: Program[] = [
  {
    name: 'lambda-host',
    path: '/',
    config: {
      functions: [
        { name: 'inspect', handler: 'lambda-handlers.inspect', directory: import.meta.dirname },
        { name: 'toil', handler: 'lambda-handlers.toil', directory: import.meta.dirname, timeLimitS: 100 },
      ],
      url: { function: 'inspect' },
      schedules: [{ function: 'toil', everyS: 0.1 }],
    },
  },
  {
    name: 'azure-host',
    path: '/process',
    config: {
      directory: join(import.meta.dirname, 'azure-app'),
      // Nobody listens there: a host starts and stops without its storage as well.
      settings: {
        ORDERS: 'orders',
        Storage:
          'DefaultEndpointsProtocol=http;AccountName=none;AccountKey=bm9uZQ==;QueueEndpoint=http://127.0.0.1:1/none;',
      },
    },
  },
]

const spawnHost = (name: string, config: object, ...options: string[]) => {
  const file = join(directory, `${name}.json`)
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(process.execPath, [`functions/local/${name}/main.ts`, file, ...options], {
    cwd: resolve(import.meta.dirname, '../../..'),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', data => {
    output.stdout += data
  })
  child.stderr.on('data', data => {
    output.stderr += data
  })
  return { child, output, closed: new Promise<number | null>(done => child.once('close', done)) }
}

const startHost = async ({ name, path, config }: Program, ...options: string[]) => {
  const { child, output, closed } = spawnHost(name, config, ...options)
  await waitFor('the ready line', async () => {
    if (child.exitCode !== null) throw new Error(`the host ended: ${output.stderr}`)
    return output.stdout.includes('\n') ? true : undefined
  })
  const { url, ...ready } = JSON.parse(output.stdout)
  expect(ready).toEqual({ ready: true, host: name, pid: child.pid })
  const { pid } = (await (await fetch(`${url}${path}`)).json()) as { pid: number }
  expect(pid).not.toBe(child.pid)
  return { child, closed, functions: pid, output }
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

describe.each(programs)('$name', program => {
  test('SIGTERM stops the host and its children', async () => {
    const { child, closed, functions, output } = await startHost(program)
    child.kill('SIGTERM')
    expect(await closed).toBe(0)
    await gone(functions)
    expect(output.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('children end when the host is killed, also in the middle of their work', async () => {
    const { child, functions, output } = await startHost(program)
    const pids = [functions]
    if (program.name === 'lambda-host') {
      const line = await waitFor('an instance at work', async () =>
        output.stderr.includes('toiling')
          ? output.stderr.split('\n').find(one => one.includes('"instance-started","function":"toil"'))
          : undefined,
      )
      pids.push(JSON.parse(line).pid)
    }
    child.kill('SIGKILL')
    for (const pid of pids) await gone(pid)
  })

  test('the host ends with its parent when asked to, and only then', async () => {
    const tied = await startHost(program, '--exit-with-parent')
    tied.child.stdin.end()
    expect(await tied.closed).toBe(0)
    await gone(tied.functions)
    const free = await startHost(program)
    free.child.stdin.end()
    await new Promise(done => setTimeout(done, 300))
    expect(free.child.exitCode).toBeNull()
  })
})

test('a host that cannot start says why', async () => {
  const lambda = spawnHost('lambda-host', {
    functions: [{ name: 'a', handler: 'a.b', directory: 'nowhere' }],
  })
  expect(await lambda.closed).toBe(2)
  expect(JSON.parse(lambda.output.stderr)).toMatchObject({
    event: 'start-failed',
    error: 'the function a has no code',
    where: join(directory, 'nowhere'),
  })
  const azure = spawnHost('azure-host', { directory: '.', port: 'http' })
  expect(await azure.closed).toBe(2)
  expect(JSON.parse(azure.output.stderr)).toMatchObject({
    event: 'start-failed',
    error: expect.stringMatching(/^port: /),
  })
})
