/**
 * Table and Queue Storage of Azure on loopback: Azurite in a process of its own, in memory or in a directory. It writes
 * that only now and then, and when it is closed, so SIGKILL loses its last seconds: a test kills workers, never this.
 * The key of its account is made when it starts, and checked as in the cloud.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface AzuriteEmulator {
  /** Where both services are, with the key of the account. */
  readonly connectionString: string
  close(): Promise<void>
}

const ACCOUNT = 'trias'

/** `directory`: where tables and queues are kept; left out, they are in memory. */
export const startAzurite = async (
  options: { readonly directory?: string } = {},
): Promise<AzuriteEmulator> => {
  const { directory } = options
  if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const key = randomBytes(64).toString('base64')
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'azurite-server.ts'), ...(directory === undefined ? [] : [directory])],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` } },
  )
  child.stdin.on('error', () => {})
  const exited = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exited.then(([code]) => Promise.reject(new Error(`Azurite ended with exit status ${code}`))),
  ])
  const { tablePort, queuePort } = JSON.parse(line) as { tablePort: number; queuePort: number }
  const endpoint = (port: number): string => `http://127.0.0.1:${port}/${ACCOUNT}`
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${key}`,
      `TableEndpoint=${endpoint(tablePort)}`,
      `QueueEndpoint=${endpoint(queuePort)}`,
    ].join(';'),
    close: async () => {
      child.stdin.end()
      await exited
    },
  }
}
