/** A function app for the tests of the Azure host; it registers its functions as a deployed one does. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { app } from '@azure/functions'

/** As a pool of connections does, this keeps the process from ending by itself. */
setInterval(() => {}, 1000)

interface Order {
  readonly name: string
  /** Fails while the message was taken at most this often. */
  readonly failures?: number
  readonly hangFirst?: boolean
}

app.http('echo', {
  route: 'echo/{kind}/{piece:int}',
  methods: ['POST', 'PUT'],
  authLevel: 'anonymous',
  handler: async (request, context) => ({
    status: 201,
    headers: {
      'content-type': 'application/octet-stream',
      'x-seen': JSON.stringify({
        method: request.method,
        url: request.url,
        params: request.params,
        query: Object.fromEntries(request.query),
        header: request.headers.get('X-Mixed-Case'),
        function: context.functionName,
      }),
    },
    body: new Uint8Array(await request.arrayBuffer()),
  }),
})

app.http('process', {
  route: 'process',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: { pid: process.pid, environment: process.env, directory: process.cwd() } }),
})

app.http('nothing', {
  route: 'nothing',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({ status: 204 }),
})
app.http('fail', {
  route: 'fail',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => {
    throw new TypeError('this handler always fails')
  },
})
app.http('spin', {
  route: 'spin',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => {
    for (;;);
  },
})
app.http('rest', {
  route: '{*path}',
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: request => ({ jsonBody: { rest: request.params.path } }),
})

app.storageQueue('consume', {
  queueName: '%ORDERS%',
  connection: 'Storage',
  handler: async (message, context) => {
    const order = message as Order
    const count = context.triggerMetadata?.dequeueCount as number
    console.log(
      JSON.stringify({ name: order.name, count, pid: process.pid, id: context.triggerMetadata?.id }),
    )
    if (order.hangFirst === true && count === 1) await sleep(60_000)
    if (count <= (order.failures ?? 0)) throw new Error('told to fail')
  },
})

app.timer('tick', {
  schedule: '0 */1 * * * *',
  handler: (timer, context) =>
    context.log(JSON.stringify({ tick: timer.isPastDue, sha: createHash('sha1').digest('hex') })),
})
