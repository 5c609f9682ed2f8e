/**
 * The process of the Azure Storage emulator: `azurite-server.ts [directory]`, with the account in AZURITE_ACCOUNTS. One
 * JSON line with its two ports when it is ready. Azurite's own command starts a blob service as well and takes a process
 * for each of the two that we need, so its servers are built here from its modules.
 */
import { createRequire } from 'node:module'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { dirname, join } from 'node:path'
import { exitWithParent } from '../host/exit-with-parent.ts'

interface StorageServer {
  readonly httpServer: NetServer
  start(): Promise<void>
  close(): Promise<void>
}
type ServerClass = new (configuration: unknown) => StorageServer
type ConfigurationClass = new (...positions: unknown[]) => unknown

const HOST = '127.0.0.1'
/** Longer than clients keep a connection, so that none breaks under a request. */
const KEEP_ALIVE_S = 300

const require = createRequire(import.meta.url)
const azurite = dirname(require.resolve('azurite/package.json'))
const moduleOf = <T>(path: string): T => require(join(azurite, 'dist/src', path)).default as T

const [directory] = process.argv.slice(2)
const at = (name: string): string => join(directory ?? '.', name)
const isInMemory = directory === undefined
/** No certificate, key or password for TLS, no OAuth, any host name. */
const COMMON = [undefined, false, true, '', '', '', undefined, true, isInMemory]

const TableConfiguration = moduleOf<ConfigurationClass>('table/TableConfiguration')
const QueueConfiguration = moduleOf<ConfigurationClass>('queue/QueueConfiguration')
const TableServer = moduleOf<ServerClass>('table/TableServer')
const QueueServer = moduleOf<ServerClass>('queue/QueueServer')

const tables = new TableServer(
  new TableConfiguration(HOST, 0, KEEP_ALIVE_S, at('tables.json'), false, false, undefined, ...COMMON),
)
const queues = new QueueServer(
  new QueueConfiguration(
    HOST,
    0,
    KEEP_ALIVE_S,
    at('queues.json'),
    at('queue-extents.json'),
    [{ locationId: 'Default', locationPath: at('queue-messages'), maxConcurrency: 1 }],
    false,
    undefined,
    false,
    ...COMMON,
  ),
)
await Promise.all([tables.start(), queues.start()])
exitWithParent(() => {
  // What is in memory goes to the directory when the servers close.
  void Promise.allSettled([tables.close(), queues.close()]).then(() => process.exit(0))
})
const portOf = ({ httpServer }: StorageServer): number => (httpServer.address() as AddressInfo).port
process.stdout.write(`${JSON.stringify({ tablePort: portOf(tables), queuePort: portOf(queues) })}\n`)
