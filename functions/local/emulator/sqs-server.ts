/** The process of the SQS emulator: `sqs-server.ts`. One JSON line with its port when it is ready. */
import { type ListenOptions, Server } from 'node:net'
import { startFauxqs } from 'fauxqs'
import { exitWithParent } from '../host/exit-with-parent.ts'

// fauxqs binds every interface and has no option for it; strangers on the network have no business here.
const { listen } = Server.prototype
Server.prototype.listen = function (this: Server, options: ListenOptions, ...rest: unknown[]): Server {
  return Reflect.apply(listen, this, [{ ...options, host: '127.0.0.1' }, ...rest])
} as typeof listen

const server = await startFauxqs({ port: 0, logger: false })
exitWithParent(() => {
  // Connections that poll would hold a clean stop up, and nothing outlives this process anyway.
  process.exit(0)
})
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`)
