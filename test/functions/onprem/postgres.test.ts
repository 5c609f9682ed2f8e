/** Replicas of one party on one PostgreSQL: what they tell each other, and what is lost when it restarts or one of them dies. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres, type PostgresDatabase } from '../../../functions/onprem/postgres/database.ts'
import { postgresMailbox } from '../../../functions/onprem/postgres/mailbox.ts'
import { postgresStore } from '../../../functions/onprem/postgres/store.ts'
import { postgresWaker } from '../../../functions/onprem/postgres/waker.ts'
import { fromUtf8, utf8 } from '../../../shared/base/bytes.ts'
import { Unavailable } from '../../../shared/base/errors.ts'
import type { Inbox } from '../../../shared/port/mailbox.ts'
import { waitFor } from '../../support/federation.ts'
import { startPostgres, type TestPostgres } from '../../support/postgres.ts'

const events: string[] = []
const log = { write: (_level: string, event: string) => void events.push(event) }
let server: TestPostgres
const opened: PostgresDatabase[] = []
const children: ChildProcess[] = []

const openReplica = async (schema: string): Promise<PostgresDatabase> => {
  const { url, password } = server
  const database = await openPostgres({ party: 1, url, password, schema, ssl: false, log })
  opened.push(database)
  return database
}

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(opened.map(database => database.close()))
  await server?.stop()
})

const collect = async (inbox: Inbox, count: number): Promise<string[]> => {
  const ids: string[] = []
  await waitFor(`${count} messages`, async () => {
    ids.push(...(await inbox.receive(500)).map(mail => mail.id))
    return ids.length >= count ? ids : undefined
  })
  return ids.sort()
}

test('mail that one replica takes reaches an inbox of another one that waits, by notification', async () => {
  const [a, b] = [await openReplica('mail'), await openReplica('mail')]
  const inbox = postgresMailbox(b).open('run')
  expect(await inbox.receive(1)).toEqual([])
  const mailbox = postgresMailbox(a)
  // It looks by itself a second after it looked last; so only a notification ends this wait with a message.
  const waiting = inbox.receive(800)
  await mailbox.deliver('run', { id: 'm', round: 3, body: utf8('body') })
  expect((await waiting).map(({ id, round, body }) => [id, round, fromUtf8(body)])).toEqual([
    ['m', 3, 'body'],
  ])

  // Whoever listens loses the connection; nothing that comes meanwhile is missed, and it listens again.
  await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
  await mailbox.deliver('run', { id: 'meanwhile', round: 3, body: utf8('body') })
  expect(await collect(inbox, 1)).toEqual(['meanwhile'])
  await waitFor('both to listen again', async () => {
    const rows = await server.query("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN \"mail.%'")
    return rows.length === 2 ? rows : undefined
  })
  await inbox.close()
})

test('of fifty wakes each is worked once by one of two replicas', async () => {
  const replicas = [await openReplica('fifty'), await openReplica('fifty')]
  const subjects = Array.from({ length: 50 }, (_, i) => `subject-${i}`)
  const worked: string[] = []
  const wakers = replicas.map(database => postgresWaker(database, { log }))
  const servers = wakers.map(waker =>
    waker.serve(async subject => {
      worked.push(subject)
      await new Promise(resolve => setTimeout(resolve, 20))
    }),
  )
  await Promise.all(subjects.map((subject, i) => wakers[i % 2]!.wake(subject)))
  await waitFor('all wakes', async () => (new Set(worked).size === 50 ? worked : undefined))
  await waitFor('an empty table', async () =>
    (await server.query('SELECT FROM fifty.wake')).length === 0 ? true : undefined,
  )
  expect(worked.toSorted()).toEqual(subjects.toSorted())
  for (const one of servers) one.stop()
  for (const one of servers) await one.stopped()
})

test('a subject that waits is taken once, one whose worker is busy once more, and a failed one again', async () => {
  const database = await openReplica('again')
  const waker = postgresWaker(database, { log })
  for (let i = 0; i < 5; i++) await waker.wake('news')
  const worked: string[] = []
  const busy = Promise.withResolvers<void>()
  const serving = waker.serve(async subject => {
    worked.push(subject)
    if (subject === 'news') await busy.promise
    if (subject === 'failing' && worked.filter(one => one === 'failing').length < 3)
      throw new Unavailable('a test says so')
  })
  await waitFor('the first worker', async () => (worked.length === 1 ? true : undefined))
  await waker.wake('news')
  await waker.wake('news')
  await waitFor('the second worker', async () => (worked.length >= 2 ? true : undefined))
  busy.resolve()
  await waker.wake('failing')
  await waitFor('an empty table', async () =>
    (await server.query('SELECT FROM again.wake')).length === 0 ? true : undefined,
  )
  expect(worked.filter(one => one === 'failing')).toHaveLength(3)
  // The two wakes that came while it was busy are one or two, as the first of them was taken before the second or not.
  expect([2, 3]).toContain(worked.filter(one => one === 'news').length)
  serving.stop()
  await serving.stopped()
})

test('a replica that is killed with a wake in hand gives it to another one', async () => {
  const schema = 'killed'
  const survivor = await openReplica(schema)
  const program = `
    import { openPostgres } from './functions/onprem/postgres/database.ts'
    import { postgresWaker } from './functions/onprem/postgres/waker.ts'
    const log = { write: () => {} }
    const { TEST_URL: url, TEST_PASSWORD: password } = process.env
    const database = await openPostgres({ party: 1, url, password, schema: '${schema}', ssl: false, log })
    postgresWaker(database, { log, holdMs: 600 }).serve(subject => {
      process.stdout.write(subject)
      return new Promise(() => {})
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TEST_URL: server.url, TEST_PASSWORD: server.password },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const waker = postgresWaker(survivor, { log, holdMs: 600, lookMs: 100 })
  await waker.wake('heavy')
  expect(`${(await once(child.stdout!, 'data'))[0]}`).toBe('heavy')
  const worked: string[] = []
  const serving = waker.serve(async subject => void worked.push(subject))
  // It holds on for longer than the hold lasts, because it lives.
  await new Promise(resolve => setTimeout(resolve, 1_500))
  expect(worked).toEqual([])
  child.kill('SIGKILL')
  await waitFor('the other replica', async () => (worked.length > 0 ? true : undefined))
  expect(worked).toEqual(['heavy'])
  serving.stop()
  await serving.stopped()
})

test('a replica that stops leaves what its workers had in hand to the others', async () => {
  const [leaving, staying] = [await openReplica('leaving'), await openReplica('leaving')]
  const left = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const serving = postgresWaker(leaving, { log }).serve(async () => {
    started.resolve()
    await left.promise
  })
  const waker = postgresWaker(staying, { log })
  await waker.wake('half')
  await started.promise
  serving.stop()
  const worked: string[] = []
  const other = waker.serve(async subject => void worked.push(subject))
  left.resolve()
  await serving.stopped()
  await waitFor('the other replica', async () => (worked.length > 0 ? true : undefined))
  expect(worked).toEqual(['half'])
  other.stop()
  await other.stopped()
})

test('a writer whose answer is lost recognises what it has written', async () => {
  const upstream = Number(new URL(server.url).port)
  let losesNextAnswer = false
  const proxy = createServer(client => {
    const behind = connect(upstream, '127.0.0.1')
    client.pipe(behind)
    behind.on('data', data => {
      // The server answers when it has committed.
      if (losesNextAnswer) client.destroy()
      else client.write(data)
      losesNextAnswer = false
    })
    behind.on('close', () => client.destroy())
    client.on('close', () => behind.destroy())
    for (const socket of [client, behind]) socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const url = server.url.replace(`:${upstream}`, `:${port}`)
  const database = await openPostgres({
    party: 1,
    url,
    password: server.password,
    schema: 'lost',
    ssl: false,
    log,
  })
  const store = postgresStore(database, 'volatile')
  const losing = <T>(work: () => Promise<T>): Promise<T> => {
    losesNextAnswer = true
    return work()
  }
  expect(await losing(() => store.putIfAbsent('a/1', utf8('one')))).toBeNull()
  expect(losesNextAnswer).toBe(false)
  const first = (await store.get('a/1'))!
  expect(fromUtf8(first.value)).toBe('one')
  const second = await losing(() => store.compareAndSet('a/1', first.version, utf8('two')))
  expect(losesNextAnswer).toBe(false)
  expect(second).toBe((await store.get('a/1'))!.version)
  expect(fromUtf8((await store.get('a/1'))!.value)).toBe('two')
  // And one that comes too late is still told so.
  expect(await losing(() => store.compareAndSet('a/1', first.version, utf8('three')))).toBeNull()
  expect(fromUtf8((await losing(() => store.putIfAbsent('a/1', utf8('four'))))!.value)).toBe('two')
  await database.close()
  proxy.close()
})

test('a restart of the server takes back nothing that was acknowledged, and everybody goes on', async () => {
  const [a, b] = [await openReplica('restart'), await openReplica('restart')]
  const stores = [postgresStore(a, 'durable'), postgresStore(b, 'durable')]
  const mailbox = postgresMailbox(a)
  const inbox = postgresMailbox(b).open('run')
  const worked = new Set<string>()
  const waker = postgresWaker(a, { log })
  const serving = postgresWaker(b, { log }).serve(async subject => void worked.add(subject))
  await stores[0]!.putIfAbsent('count/1', utf8('0'))

  let isOver = false
  const acknowledged = {
    keys: new Set<string>(),
    mails: new Set<string>(),
    wakes: new Set<string>(),
    counts: 0,
  }
  let outages = 0
  const meanwhile = async (step: (i: number) => Promise<void>): Promise<void> => {
    for (let i = 0; !isOver; i++)
      await step(i).catch(error => {
        expect(error).toBeInstanceOf(Unavailable)
        outages++
      })
  }
  const put = (name: string, store = stores[0]!) =>
    meanwhile(async i => {
      const key = `put/${name}-${i}`
      // Nobody else writes this key, so a record that is there would be one whose writer did not recognise it.
      expect(await store.putIfAbsent(key, utf8(key))).toBeNull()
      acknowledged.keys.add(key)
    })
  const count = (store = stores[0]!) =>
    meanwhile(async () => {
      const { value, version } = (await store.get('count/1'))!
      const next = utf8(String(Number(fromUtf8(value)) + 1))
      if ((await store.compareAndSet('count/1', version, next)) !== null) acknowledged.counts++
    })
  const deliver = meanwhile(async i => {
    await mailbox.deliver('run', { id: `m-${i}`, round: 0, body: utf8('body') })
    acknowledged.mails.add(`m-${i}`)
  })
  const wake = meanwhile(async i => {
    await waker.wake(`w-${i}`)
    acknowledged.wakes.add(`w-${i}`)
  })
  const received = new Set<string>()
  const receive = meanwhile(async () => {
    for (const mail of await inbox.receive(5_000)) received.add(mail.id)
  })

  const all = [put('a'), put('b', stores[1]), count(), count(stores[1]), deliver, wake, receive]
  const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
  await pause(300)
  await server.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND client_port IS NOT NULL',
  )
  await pause(300)
  await server.restart(300)
  await pause(300)
  // Longer than anybody repeats.
  await server.restart(6_000)
  await pause(1_000)
  isOver = true
  inbox.wake()
  await Promise.all(all)

  expect(outages).toBeGreaterThan(0)
  const there = new Set(await stores[1]!.list('put/'))
  expect([...acknowledged.keys].filter(key => !there.has(key))).toEqual([])
  // What ended in Unavailable may have been counted or not.
  const counted = Number(fromUtf8((await stores[0]!.get('count/1'))!.value))
  expect(counted).toBeGreaterThanOrEqual(acknowledged.counts)
  expect(counted).toBeLessThanOrEqual(acknowledged.counts + outages)
  await waitFor('all mail', async () => {
    for (const mail of await inbox.receive(500)) received.add(mail.id)
    return [...acknowledged.mails].every(id => received.has(id)) ? true : undefined
  })
  await waitFor('all wakes', async () =>
    [...acknowledged.wakes].every(subject => worked.has(subject)) ? true : undefined,
  )
  console.info(
    `${acknowledged.keys.size} records, ${acknowledged.counts} counts, ${received.size} messages, ${worked.size} wakes, ${outages} outages`,
  )
  await inbox.close()
  serving.stop()
  await serving.stopped()
}, 60_000)
