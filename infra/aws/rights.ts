/**
 * What each function may do with tables and queues: what its code calls, as a test notes over whole reports, and nothing
 * beside. The front stores and wakes, and reads no lane. The timer reads and wakes, and writes no table. Only the worker takes
 * frames out of the lanes.
 */
export type FunctionName = 'http' | 'worker' | 'timer'

export interface Rights {
  readonly durable: readonly string[]
  readonly volatile: readonly string[]
  readonly lanes: readonly string[]
  readonly wake: readonly string[]
}

/** Also where the tables are, which every function holds against the manifest when it starts. */
const READ = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:DescribeTable']
const WRITE = [...READ, 'dynamodb:PutItem']
const FORGET = [...WRITE, 'dynamodb:DeleteItem']
const TAKE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility']

export const RIGHTS: Readonly<Record<FunctionName, Rights>> = {
  http: { durable: WRITE, volatile: FORGET, lanes: ['sqs:SendMessage'], wake: ['sqs:SendMessage'] },
  worker: {
    durable: FORGET,
    volatile: FORGET,
    lanes: TAKE,
    // The event source mapping polls with the rights of the function that it calls, and looks at the queue first.
    wake: ['sqs:SendMessage', ...TAKE, 'sqs:GetQueueAttributes'],
  },
  timer: { durable: READ, volatile: READ, lanes: [], wake: ['sqs:SendMessage'] },
}
