/** The one way to accept a finding of cdk-nag: at the construct that has it, finding by finding, with a reason. */
import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** `finding` without its pack, such as `SQS3`. */
export const accept = (construct: IConstruct, finding: string, reason: string): void =>
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${finding}`, reason })

/** As cdk-nag writes a value of a template that CloudFormation puts together. */
const flat = (node: unknown): string => {
  if (typeof node === 'string') return node
  const { Ref: name, 'Fn::Join': join } = node as { Ref?: string; 'Fn::Join'?: [string, unknown[]] }
  return join === undefined ? `<${name}>` : join[1].map(flat).join(join[0])
}

/** A policy that names this resource, which has a wildcard in it. */
export const acceptResource = (construct: IConstruct, resource: string, reason: string): void =>
  accept(construct, `IAM5[Resource::${flat(Stack.of(construct).resolve(resource))}]`, reason)
