/** The locality of one synthesized Terraform stack, with the ARM templates inside it. */
import { AZURE_RULES } from './azure-rules.ts'
import { nameInStack, readStack } from './azure-stack.ts'
import type { Finding } from './finding.ts'
import { type Examination, examine } from './rule.ts'

export interface AzureHome {
  readonly location: string
  readonly countries?: readonly string[]
}

export const examineAzureStack = (json: unknown, home: AzureHome, file?: string): Examination => {
  const { location, ...rest } = home
  return examine(
    AZURE_RULES,
    readStack(json, { ...rest, provider: 'azure', region: location }),
    nameInStack,
    file,
  )
}

/** `json` is a parsed cdk.tf.json. */
export const checkAzureStack = (json: unknown, home: AzureHome, file?: string): readonly Finding[] =>
  examineAzureStack(json, home, file).findings
