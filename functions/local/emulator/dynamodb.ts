/**
 * DynamoDB on loopback: the dynoxide server, one static binary over SQLite, in memory or in a file that survives
 * SIGKILL. It checks no credentials.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../../../shared/base/errors.ts'

export interface Emulator {
  readonly endpoint: string
  close(): Promise<void>
}

const START_MS = 10_000
const PROBE_MS = 15
/** Ends the server when our end of the pipe closes, however this process ends. */
const TIED_TO_STDIN = '"$0" "$@" & server=$!; cat > /dev/null; kill $server; wait $server'

/** The server takes no port 0. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()))
    })
  })

const binary = (): string => {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide')
  } catch (cause) {
    throw new InputError('the DynamoDB emulator is not installed', {
      cause,
      hint: 'it exists for Linux on x64; install the optional dependencies there',
    })
  }
}

/** `file`: where the tables are kept; left out, they are in memory. */
export const startDynamoDb = async (options: { readonly file?: string } = {}): Promise<Emulator> => {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const file = options.file === undefined ? [] : ['--db-path', options.file]
  const child = spawn(
    'sh',
    ['-c', TIED_TO_STDIN, binary(), 'serve', '--host', '127.0.0.1', '--port', String(port), ...file],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  child.stdin.on('error', () => {})
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const close = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  for (const untilMs = Date.now() + START_MS; Date.now() < untilMs; await sleep(PROBE_MS))
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return { endpoint, close }
  await close()
  throw new Error(`the DynamoDB emulator did not answer on port ${port}`)
}
