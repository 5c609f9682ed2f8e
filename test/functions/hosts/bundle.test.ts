/** The deployment packages: what is in them, what must not be, and that each starts where it belongs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QueueServiceClient } from '@azure/storage-queue'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPartyKeyFile } from '../../../client/sdk/node/party-key-file.ts'
import { bundle, CLOUDS, type Cloud, type Package } from '../../../functions/build/bundle.ts'
import { azureHostSchema } from '../../../functions/local/azure-host/config.ts'
import { startAzureHost } from '../../../functions/local/azure-host/start.ts'
import { startAzurite } from '../../../functions/local/emulator/azurite.ts'
import { startDynamoDb } from '../../../functions/local/emulator/dynamodb.ts'
import { provisionAws } from '../../../functions/local/emulator/provision-aws.ts'
import { provisionAzure } from '../../../functions/local/emulator/provision-azure.ts'
import { startSecrets } from '../../../functions/local/emulator/secrets.ts'
import { startSqs } from '../../../functions/local/emulator/sqs.ts'
import { hostLog } from '../../../functions/local/host/log.ts'
import { lambdaHostSchema } from '../../../functions/local/lambda-host/config.ts'
import { startLambdaHost } from '../../../functions/local/lambda-host/start.ts'
import { waitFor } from '../../support/federation.ts'
import { PASSPHRASE } from '../../support/party-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-bundle-'))
const children: ChildProcess[] = []
/** Emulators and hosts, in the order of their start. */
const open: { close(): Promise<void> }[] = []
const packages = new Map<Cloud, Package>()

beforeAll(async () => {
  for (const cloud of CLOUDS) packages.set(cloud, await bundle(cloud, directory))
})
afterAll(async () => {
  for (const one of open.reverse()) await one.close()
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

/** The npm packages and the folders of functions/ that are in a bundle. */
const contentOf = (cloud: Cloud): string[] => {
  const inputs = Object.keys(packages.get(cloud)?.metafile.inputs ?? {})
  return [
    ...new Set(
      inputs.map(path => {
        const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
        return name ?? path.split('/').slice(0, 2).join('/')
      }),
    ),
  ]
}

test.each(CLOUDS)('%s: nothing of another cloud, of a member or of a test is in the package', cloud => {
  const aws = /^@(aws-sdk|aws-crypto|smithy|aws)\//
  const azure = /^@(azure|typespec|azure-rest)\//
  const foreign = { aws: [azure], azure: [aws], onprem: [aws, azure] }[cloud]
  const content = contentOf(cloud)
  expect(content).toContain('functions/party')
  expect(content).toContain(`functions/${cloud}`)
  const never = [/^functions\//, /^(client|test|bench|examples)\//, /duckdb|azurite|fauxqs|esbuild|vitest/]
  expect(
    content.filter(
      name =>
        ![`functions/${cloud}`, 'functions/party'].includes(name) &&
        [...foreign, ...never].some(pattern => pattern.test(name)),
    ),
  ).toEqual([])
})

test.each(CLOUDS)('%s: the package stays small', cloud => {
  const { files = [] } = packages.get(cloud) ?? {}
  const mib = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 / 1024
  expect(mib).toBeGreaterThan(1)
  expect(mib).toBeLessThan({ aws: 6, azure: 6, onprem: 6 }[cloud])
})

test('onprem: the package runs where nothing is installed', async () => {
  const home = mkdtempSync(join(directory, 'home-'))
  await createPartyKeyFile(join(home, 'key.json'), PASSPHRASE)
  writeFileSync(
    join(home, 'party.json'),
    JSON.stringify({
      party: 2,
      region: 'this machine',
      listen: { host: '127.0.0.1', port: 0 },
      dataDir: 'data',
      keyFile: 'key.json',
    }),
  )
  const child = spawn(process.execPath, [join(directory, 'onprem/main.mjs'), join(home, 'party.json')], {
    cwd: home,
    env: { TRIAS_PASSPHRASE: PASSPHRASE },
  })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', data => {
    stdout += data
  })
  child.stderr.on('data', data => {
    stderr += data
  })
  await waitFor('the ready line', async () => {
    if (child.exitCode !== null) throw new Error(`the party ended: ${stderr}`)
    return stdout.includes('\n') ? true : undefined
  })
  const { url } = JSON.parse(stdout)
  expect((await fetch(`${url}/v1/health`)).status).toBe(204)
})

test('aws: the package answers on the Lambda host, and its worker and timer run', async () => {
  const [dynamoDb, sqs, secrets] = await Promise.all([startDynamoDb(), startSqs(), startSecrets()])
  open.push(dynamoDb, sqs, secrets)
  const timeLimitS = 20
  const { environment, wakeQueueUrl } = await provisionAws({
    ...{ dynamoDb, sqs, secrets, party: 0, lanes: 2, wakeVisibilityS: timeLimitS },
    keys: { signingSeed: randomBytes(32), sealingSeed: randomBytes(32) },
  })
  const lines: string[] = []
  const host = await startLambdaHost(
    lambdaHostSchema.parse({
      functions: ['http', 'worker', 'timer'].map(name => ({
        name,
        handler: `${name}.handler`,
        directory: join(directory, 'aws'),
        memoryMb: 512,
        timeLimitS,
        environment,
      })),
      url: { function: 'http' },
      queues: [{ function: 'worker', queueUrl: wakeQueueUrl }],
    }),
    hostLog('lambda-host', line => lines.push(line)),
  )
  open.push(host)
  const health = await fetch(`${host.url}/v1/health`)
  expect([health.status, lines.filter(line => /rror/.test(line))]).toEqual([204, []])
  expect((await fetch(`${host.url}/v1/nothing`)).status).toBe(404)
  expect(await host.invoke('timer', {})).toBeNull()
  // The timer has woken a worker, or the queue is asked for one.
  const event = { Records: [{ messageId: 'a', body: 'chores' }] }
  expect(await host.invoke('worker', event)).toEqual({ batchItemFailures: [] })
})

test('azure: the package answers on the Azure host, and its timer and worker run', async () => {
  const azurite = await startAzurite()
  open.push(azurite)
  const secretsFile = join(directory, 'secrets.json')
  const seed = (): string => randomBytes(32).toString('base64url')
  writeFileSync(secretsFile, JSON.stringify({ signingSeed: seed(), sealingSeed: seed() }), { mode: 0o600 })
  const settings = await provisionAzure({ azurite, party: 1, lanes: 2 })
  const lines: string[] = []
  const host = await startAzureHost(
    azureHostSchema.parse({
      directory: join(directory, 'azure'),
      settings: { ...settings, TRIAS_SECRETS_FILE: secretsFile, TRIAS_WORKER_SECONDS: '600' },
      timersEveryS: 0.2,
    }),
    hostLog('azure-host', line => lines.push(line)),
  )
  open.push(host)
  const health = await fetch(`${host.url}/v1/health`)
  expect([health.status, lines.filter(line => /rror/.test(line))]).toEqual([204, []])
  expect((await fetch(`${host.url}/v1/nothing`)).status).toBe(404)
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    settings.TRIAS_WAKE_QUEUE as string,
  )
  await queue.sendMessage(Buffer.from('chores').toString('base64'))
  await waitFor('an empty wake queue', async () =>
    (await queue.getProperties()).approximateMessagesCount === 0 ? true : undefined,
  )
  expect(lines.filter(line => /failed|rror/.test(line))).toEqual([])
})
