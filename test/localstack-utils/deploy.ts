/** A stack in an emulator, by CloudFormation's own interface. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import { InputError } from '../../shared/base/errors.ts'
import type { Template } from './template.ts'

const DEPLOY_MS = 300_000
const ASK_EVERY_MS = 300
/** More than this CloudFormation takes from S3 only. */
const BODY_BYTES_MAX = 51_200

export interface Deployed {
  readonly status: string
  readonly outputs: Readonly<Record<string, string>>
}

const stackCalled = async (client: CloudFormationClient, name: string): Promise<Stack | undefined> => {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
  } catch (error) {
    // As AWS says that there is none.
    if ((error as Error).name === 'ValidationError') return undefined
    throw error
  }
}

const failuresOf = async (client: CloudFormationClient, name: string): Promise<string> => {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }))
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'))
    .map(one => `${one.LogicalResourceId} (${one.ResourceType}): ${one.ResourceStatusReason}`)
    .join('\n')
}

/** Throws InputError when the emulator holds that stack already, and Error when it cannot be made. */
export const deploy = async (
  client: CloudFormationClient,
  name: string,
  template: Template,
): Promise<Deployed> => {
  if ((await stackCalled(client, name)) !== undefined)
    throw new InputError(`the emulator holds a stack ${name} already`, {
      hint: 'use an emulator that holds nothing: what a stack retains would be in the way of the next one',
    })
  const TemplateBody = JSON.stringify(template)
  if (Buffer.byteLength(TemplateBody) > BODY_BYTES_MAX)
    throw new Error(`the template has more than ${BODY_BYTES_MAX} bytes`)
  await client.send(
    new CreateStackCommand({ StackName: name, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
  )
  for (const untilMs = Date.now() + DEPLOY_MS; Date.now() < untilMs; await sleep(ASK_EVERY_MS)) {
    const {
      StackStatus: status = '',
      StackStatusReason,
      Outputs = [],
    } = (await stackCalled(client, name)) ?? {}
    if (status === 'CREATE_COMPLETE')
      return {
        status,
        outputs: Object.fromEntries(Outputs.map(one => [one.OutputKey as string, one.OutputValue as string])),
      }
    if (/FAILED|ROLLBACK/.test(status))
      throw new Error(`${status}: ${StackStatusReason ?? ''}\n${await failuresOf(client, name)}`)
  }
  throw new Error(`the stack ${name} is not complete after ${DEPLOY_MS / 1000} seconds`)
}
