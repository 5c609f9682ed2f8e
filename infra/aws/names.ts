/**
 * Names that policies have to know before the resources exist. CloudFormation begins every name that it makes up with the
 * name of the stack, so a prefix is enough, and nothing else of this account begins with it.
 */
import type { Stack } from 'aws-cdk-lib'

/** Of the roles, for whoever writes policies over all of them. */
export const ROLE_PATH = '/trias/'

export const stackNameOf = (party: number): string => `trias-party-${party}`

export const secretNameOf = (stack: Stack): string => `${stack.stackName}/keys`

export const boundaryNameOf = (stackName: string): string => `${stackName}-boundary`

export const logGroupsOf = (stack: Stack): string =>
  stack.formatArn({ service: 'logs', resource: `log-group:${stack.stackName}-*` })
