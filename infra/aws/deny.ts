/** A statement of a resource's policy that takes a right from everybody to whom its condition applies. */
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'

export const denied = (
  sid: string,
  actions: string[],
  conditions: Record<string, unknown>,
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: ['*'],
    conditions,
  })
