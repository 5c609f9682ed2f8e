/**
 * Whether two parties share somebody. Each party is safe from the other two only while no account, principal, pipeline, key,
 * registry or reader of logs belongs to two of them: whoever has two shares has everything (GDPR Art. 4(5)).
 *
 * Looks at texts of templates of any kind, so that it says the same of a stack of another tool.
 */
import type { Finding } from './finding.ts'
import { isObject, textsIn } from './json.ts'
import { SEPARATION } from './law.ts'
import type { Path, RuleText } from './rule.ts'

export interface PartyFiles {
  /** As a finding names it, such as `party 0`. */
  readonly party: string
  /** Parsed templates: CloudFormation, Terraform, compose, Kubernetes. */
  readonly documents: readonly unknown[]
}

interface SeparationRule extends RuleText {
  /** The actors that a text names. */
  readonly actors: (text: string, path: Path) => readonly string[]
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

const every = (text: string, pattern: RegExp): readonly string[] => text.match(pattern) ?? []
const last = (path: Path): string => String(path.findLast(step => typeof step === 'string'))

const rule = (
  id: string,
  what: string,
  actors: (text: string, path: Path) => readonly string[],
): SeparationRule => ({
  id,
  proves: `No two parties share ${what}`,
  expected: 'named by one party only',
  law: SEPARATION,
  actors,
})

/** Subjects that a pipeline signs in as, by their issuer's claim or in a federated credential. */
const isSubject = (path: Path): boolean =>
  /:sub$/.test(last(path)) ||
  (path.includes('azurerm_federated_identity_credential') && last(path) === 'subject')

export const SEPARATION_RULES: readonly SeparationRule[] = [
  rule('SEP-PIPELINE', 'the identity of a pipeline', (text, path) => (isSubject(path) ? [text] : [])),
  rule('SEP-KEY', 'a key of a cloud', text => [
    ...every(text, /:kms:[a-z0-9-]*:\d*:(?:key|alias)\/[\w/-]+/g),
    ...every(text, /[a-z0-9-]+\.(?:vault|managedhsm)\.azure\.net/gi),
  ]),
  rule('SEP-REGISTRY', 'a registry of images', (text, path) => {
    if (last(path) !== 'image' && last(path) !== 'ImageUri')
      return every(text, /[\w-]+\.azurecr\.io|\d{12}\.dkr\.ecr\.[a-z0-9-]+/gi)
    const [host = ''] = text.split('/')
    return [text.includes('/') && /[.:]/.test(host) ? host : 'docker.io']
  }),
  rule('SEP-LOG-READER', 'a reader of logs, metrics or alarms', (text, path) =>
    /DestinationArn|gelf-address|syslog-address|fluentd-address|OTLP|OTEL_EXPORTER|SinkIdentifier|email_address/i.test(
      path.join('.'),
    ) ||
    (last(path) === 'Endpoint' && path.includes('Properties'))
      ? [text]
      : every(text, /\/workspaces\/[\w-]+/gi),
  ),
  rule('SEP-PRINCIPAL', 'a person or a service with rights', (text, path) => {
    if (/principal_id|object_id|^oid$/.test(last(path))) return every(text, GUID)
    return path.includes('Principal') || path.includes('aws:PrincipalArn')
      ? every(text, /:iam::\d{12}:(?:role|user)\/[\w/+=,.@-]+/g)
      : []
  }),
  rule('SEP-ACCOUNT', 'an account, a subscription or a tenant', (text, path) => {
    if (/^(subscription_id|tenant_id)$/.test(last(path))) return every(text, GUID)
    return [
      ...every(text, /(?<![0-9a-zA-Z.])\d{12}(?![0-9a-zA-Z.])/g),
      ...every(text, /\/subscriptions\/[0-9a-f-]{36}/gi).map(found => found.slice('/subscriptions/'.length)),
    ]
  }),
]

/** ARM templates are texts inside a stack. */
const opened = (document: unknown): unknown =>
  Array.isArray(document)
    ? document.map(opened)
    : isObject(document)
      ? Object.fromEntries(
          Object.entries(document).map(([name, value]) => [
            name,
            name === 'template_content' ? parsed(value) : opened(value),
          ]),
        )
      : document

const parsed = (value: unknown): unknown => {
  try {
    return JSON.parse(String(value))
  } catch {
    return value
  }
}

/** Names of members are read for what they say, and are not values of themselves. */
const isName = (text: string, path: Path): boolean => path.at(-1) === text

interface Mention {
  readonly party: string
  readonly where: string
}

/** One finding for each actor that several parties name, under the first rule that knows it. */
export const checkSeparation = (stacks: readonly PartyFiles[]): readonly Finding[] => {
  const seen = new Set<string>()
  return SEPARATION_RULES.flatMap(({ id, expected, actors }) => {
    const mentions = new Map<string, Mention[]>()
    for (const { party, documents } of stacks)
      for (const [path, text] of textsIn(documents.map(opened), []))
        for (const actor of actors(text, isName(text, path) ? path.slice(0, -1) : path)) {
          const name = actor.toLowerCase()
          mentions.set(name, [...(mentions.get(name) ?? []), { party, where: path.slice(1).join('.') }])
        }
    return [...mentions].flatMap(([actor, all]) => {
      const parties = [...new Set(all.map(({ party }) => party))]
      // An account inside a key's name that is shared is said once, with the key.
      if (parties.length < 2 || [...seen].some(earlier => earlier.includes(actor))) return []
      seen.add(actor)
      return [
        {
          rule: id,
          resource: all[0]?.where ?? '',
          expected,
          found: `${actor}, named by ${parties.join(' and ')}`,
        },
      ]
    })
  })
}
