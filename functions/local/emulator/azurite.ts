/**
 * Table and Queue Storage on loopback: Azurite's two servers, in memory or in a folder. It loses its last seconds when it
 * is killed, so a test kills workers, never this.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface AzuriteEmulator {
  /** Of the account that every Azurite has; its key is public. */
  readonly connectionString: string
  close(): Promise<void>
}

const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const START_MS = 20_000
const PROBE_MS = 50
const FLAGS = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--inMemoryPersistence']
/** Ends the servers when our end of the pipe closes, however this process ends. */
const TIED_TO_STDIN = `process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM')).on('error', () => {}).resume()`

/** Azurite takes no port 0 for two servers at once. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()))
    })
  })

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  )

const startServer = async (service: 'table' | 'queue', directory: string | undefined) => {
  const port = await freePort()
  const main = join(
    createRequire(import.meta.url).resolve('azurite/package.json'),
    `../dist/src/${service}/main.js`,
  )
  const persistence = directory === undefined ? FLAGS : [...FLAGS.slice(0, -1), '--location', directory]
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(TIED_TO_STDIN)}`,
      main,
      `--${service}Host`,
      '127.0.0.1',
      `--${service}Port`,
      String(port),
      ...persistence,
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
  child.stdin.on('error', () => {})
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const close = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  for (const untilMs = Date.now() + START_MS; Date.now() < untilMs; await sleep(PROBE_MS)) {
    if (child.exitCode !== null) break
    if (await answers(port)) return { port, close }
  }
  await close()
  throw new Error(`the ${service} server of Azurite did not answer on port ${port}`)
}

/** `directory`: where both keep what they have; left out, it is in memory. */
export const startAzurite = async (
  options: { readonly directory?: string } = {},
): Promise<AzuriteEmulator> => {
  const of = (service: 'table' | 'queue') =>
    startServer(service, options.directory === undefined ? undefined : join(options.directory, service))
  const [table, queue] = await Promise.all([of('table'), of('queue')])
  const endpoint = (port: number): string => `http://127.0.0.1:${port}/${ACCOUNT}`
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${KEY}`,
      `TableEndpoint=${endpoint(table.port)}`,
      `QueueEndpoint=${endpoint(queue.port)}`,
    ].join(';'),
    close: async () => {
      await Promise.all([table.close(), queue.close()])
    },
  }
}
