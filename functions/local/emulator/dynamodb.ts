/**
 * DynamoDB on loopback: the dynoxide server, one static binary over SQLite, in memory or in a file that survives
 * SIGKILL. It checks no credentials.
 */
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../../../shared/base/errors.ts'
import { freePort } from '../host/free-port.ts'
import { startTied } from '../host/tied-program.ts'

export interface Emulator {
  readonly endpoint: string
  close(): Promise<void>
}

const START_MS = 10_000
const PROBE_MS = 15

/** The server itself. Throws InputError where there is none. */
export const dynamoDbBinary = (): string => {
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
  const { end: close } = startTied([
    dynamoDbBinary(),
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    ...file,
  ])
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
