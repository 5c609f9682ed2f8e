/** What functions are allowed on AWS is what their code calls: not less, or they fail at the customer, and not more. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { RIGHTS, type Rights } from '../../../infra/aws/rights.ts'

const folder = resolve(import.meta.dirname, '../../../functions/aws')

/** Batches of SQS have no right of their own. */
const rightOf = (service: string, command: string): string => `${service}:${command.replace(/Batch$/, '')}`

const called = readdirSync(folder)
  .filter(file => file.endsWith('.ts'))
  .flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8')
    const imports = text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z-]+)'/g)
    return [...imports].flatMap(([, names, client]) =>
      [...(names as string).matchAll(/\b(\w+)Command\b/g)].map(([, command]) =>
        rightOf((client as string).replaceAll('-', ''), command as string),
      ),
    )
  })

test('tables and queues: all functions together may do what the code of the party on AWS does', () => {
  const allowed = Object.values(RIGHTS).flatMap((rights: Rights) => Object.values(rights).flat())
  // What the event source mapping asks before it polls; the party's own code does not.
  const ofPoller = ['sqs:GetQueueAttributes']
  const onTablesAndQueues = called.filter(right => /^(dynamodb|sqs):/.test(right))
  expect(onTablesAndQueues.length).toBeGreaterThan(6)
  expect([...new Set(allowed)].sort()).toEqual([...new Set([...onTablesAndQueues, ...ofPoller])].sort())
})

test('the one secret is all that is asked of Secrets Manager, and no other service is called', () => {
  expect(called.filter(right => !/^(dynamodb|sqs):/.test(right))).toEqual(['secretsmanager:GetSecretValue'])
})

test('the front takes no frame out of a lane, and the timer writes nothing', () => {
  expect(RIGHTS.http.lanes).toEqual(['sqs:SendMessage'])
  expect(RIGHTS.http.durable).not.toContain('dynamodb:DeleteItem')
  const ofTimer = [...RIGHTS.timer.durable, ...RIGHTS.timer.volatile]
  expect(ofTimer.filter(right => /Put|Update|Delete/.test(right))).toEqual([])
})
