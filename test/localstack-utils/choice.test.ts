/** Which LocalStack `npm run test:localstack` uses, and that it says `skipped` and claims nothing where there is none. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { listen } from '../../functions/local/host/listen.ts'
import { InputError } from '../../shared/base/errors.ts'
import { commandFor, dockerImage, imageFor } from './docker-image.ts'
import { putStandIn } from './dynamodb-stand-in.ts'
import { givenEndpoint } from './given-endpoint.ts'
import { CannotBeHad, firstToBeHad, type LocalStack, type Source } from './localstack.ts'
import { pypiPackage } from './pypi-package.ts'
import { findPython } from './python.ts'
import { runProgram } from './run-program.ts'

const ENTRY = join(import.meta.dirname, 'main.ts')
const directory = mkdtempSync(join(tmpdir(), 'trias-choice-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A machine that has the programs in this folder and no other. */
let bin: string
let env: NodeJS.ProcessEnv
let machines = 0
beforeEach(() => {
  const home = join(directory, String(machines++))
  bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  env = { PATH: bin, HOME: home }
})
const program = (name: string, ...lines: string[]): void =>
  writeFileSync(join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
const pypi = (): Source => pypiPackage({ directory: join(bin, '../localstack'), env, say: () => {} })

const runner = (more: NodeJS.ProcessEnv = {}): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise(resolve => {
    execFile(
      process.execPath,
      [ENTRY, '--directory', join(bin, '../localstack')],
      { env: { ...env, ...more } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })

/** Answers as an emulator of that version does when it is asked how it is. */
const emulator = (answer: unknown) =>
  listen(0, async (request, response) => {
    response.writeHead(request.url === '/_localstack/health' ? 200 : 404).end(JSON.stringify(answer))
  })
const urlOf = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`

test('a machine that has none of the three says skipped, why, and that nothing passed, with exit code 0', async () => {
  const { code, stdout, stderr } = await runner()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /^skipped: .*AWS_ENDPOINT_URL: not set; Docker: .*; PyPI: no Python from 3\.13 on.*\n$/,
  )
  expect(stdout).not.toMatch(/pass/)
})

test('an endpoint that was given and does not answer is a failure, not a reason to take another', async () => {
  const { code, stdout, stderr } = await runner({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('http://127.0.0.1:9')
})

test('what answers otherwise than LocalStack gets no request but that one, as AWS itself would', async () => {
  const other = await emulator({ message: 'Missing Authentication Token' })
  await expect(givenEndpoint(urlOf(other)).start()).rejects.toThrow(InputError)
  await other.close()
})

test('an emulator that runs already comes before all others, with the version that it says', async () => {
  const running = await emulator({ services: {}, version: '4.15.2' })
  const others: Source = { name: 'others', start: () => Promise.reject(new Error('not to be asked')) }
  const found = await firstToBeHad([givenEndpoint(urlOf(running)), others])
  await running.close()
  const { localStack } = found as { localStack: LocalStack }
  expect(localStack.endpoint).toBe(urlOf(running))
  expect(localStack.about).toContain('4.15.2')
})

test('the order is kept, each reason is told, and what is no lack of the machine ends it', async () => {
  const lacking = (name: string): Source => ({
    name,
    start: () => Promise.reject(new CannotBeHad(`lacks ${name}`)),
  })
  const broken: Source = { name: 'broken', start: () => Promise.reject(new Error('broken')) }
  expect(await firstToBeHad([lacking('a'), lacking('b')])).toEqual({
    reasons: ['a: lacks a', 'b: lacks b'],
  })
  await expect(firstToBeHad([lacking('a'), broken, lacking('b')])).rejects.toThrow('broken')
})

test('a Docker engine that does not answer, and an image that cannot be pulled, leave it to the next', async () => {
  program('docker', 'echo "is the daemon running?" >&2', 'exit 1')
  await expect(dockerImage(env).start()).rejects.toThrow(/no engine answers \(is the daemon running\?\)/)
  program('docker', '[ "$1" = version ] && exit 0', '[ "$1" = pull ] && echo "no such host" >&2', 'exit 1')
  await expect(dockerImage(env).start()).rejects.toThrow(
    /localstack:4\.14\.0 .*cannot be pulled \(no such host\)/,
  )
  await expect(dockerImage(env).start()).rejects.toBeInstanceOf(CannotBeHad)
})

test('the image is 4.14.0, or the newest with a token, which stands in no argument; it listens on loopback', () => {
  expect(imageFor({})).toBe('localstack/localstack:4.14.0')
  expect(imageFor({ LOCALSTACK_AUTH_TOKEN: 'ls-secret' })).toBe('localstack/localstack:latest')
  expect(imageFor({ LOCALSTACK_IMAGE: 'own/localstack:1' })).toBe('own/localstack:1')
  const command = commandFor('an/image', 4711, true)
  expect(command).toContain('LOCALSTACK_AUTH_TOKEN')
  expect(command).toContain('127.0.0.1:4711:4566')
  expect(command.at(-1)).toBe('an/image')
  expect(commandFor('an/image', 4711, false)).not.toContain('LOCALSTACK_AUTH_TOKEN')
})

test('a Python that is too old or has no venv is none; a later one is found, under other names, too', async () => {
  program('python3', 'echo 3.12.9')
  program('python3.13', 'echo "No module named ensurepip" >&2', 'exit 1')
  expect(await findPython(env)).toBeUndefined()
  await expect(pypi().start()).rejects.toBeInstanceOf(CannotBeHad)
  program('python3.14', 'echo 3.14.1')
  expect(await findPython(env)).toEqual({ program: 'python3.14', version: '3.14.1' })
  const kept = join(env.HOME as string, '.pyenv/versions/3.13.5/bin')
  rmSync(join(bin, 'python3.14'))
  mkdirSync(kept, { recursive: true })
  writeFileSync(join(kept, 'python3'), '#!/bin/sh\necho 3.13.5\n', { mode: 0o755 })
  expect(await findPython(env)).toEqual({ program: join(kept, 'python3'), version: '3.13.5' })
})

test('a package that cannot be installed is a lack of the machine, with the reason of pip', async () => {
  program(
    'python3.13',
    '[ "$1" = -c ] && echo 3.13.0 && exit 0',
    '[ "$2" = venv ] || exit 1',
    '/bin/mkdir -p "$3/bin"',
    'echo "#!/bin/sh\necho no matching distribution >&2; exit 1" > "$3/bin/python"',
    '/bin/chmod +x "$3/bin/python"',
  )
  await expect(pypi().start()).rejects.toThrow(/cannot be installed \(no matching distribution\)/)
  await expect(pypi().start()).rejects.toBeInstanceOf(CannotBeHad)
})

test('what stands in for Java starts the DynamoDB server on the port that LocalStack asks for', async () => {
  program("it's a server", 'echo "$@"')
  const root = join(bin, '../root')
  putStandIn(root, join(bin, "it's a server"))
  const java = join(root, 'var/lib/localstack/lib/java/21/bin/java')
  const args = ['-Xmx256m', '-jar', 'DynamoDBLocal.jar', '-port', '4711', '-dbPath', '/nowhere']
  const { ok, output } = await runProgram(java, args, { timeoutMs: 5000, env })
  expect({ ok, output }).toEqual({ ok: true, output: 'serve --host 127.0.0.1 --port 4711' })
})
