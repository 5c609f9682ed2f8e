/**
 * The rules for containers on the operator's own machines: compose files and Kubernetes manifests. A file cannot say in
 * which country a machine stands; the home of an on-premises party is declared, and these rules hold what can leave it.
 */
import { type Home, homeCountry } from './home.ts'
import { at, EMAIL, isObject, type JsonObject, listOf, objectOf, shown, textsIn } from './json.ts'
import { ACCOUNTABLE, INSTRUCTED, MINIMUM, SECURITY, SEPARATION, TRANSFER } from './law.ts'
import type { Path, Rule, RuleText } from './rule.ts'

interface Container {
  readonly body: JsonObject
  readonly path: Path
  /** Settings of the pod around it; empty in compose. */
  readonly pod: JsonObject
  readonly isCompose: boolean
}

export interface OnpremFiles {
  readonly home: Home
  readonly documents: readonly JsonObject[]
  readonly containers: readonly Container[]
}

/** Where each kind of Kubernetes keeps its pod. */
const POD_AT: Readonly<Record<string, Path>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
}

const KINDS: ReadonlySet<string> = new Set(
  'Namespace Deployment StatefulSet Service ServiceAccount ConfigMap NetworkPolicy PodDisruptionBudget PersistentVolumeClaim Ingress ResourceQuota LimitRange'.split(
    ' ',
  ),
)

const isCompose = (document: JsonObject): boolean => isObject(document.services)

function* containersOf(document: JsonObject, index: number): Iterable<Container> {
  for (const [name, body] of Object.entries(objectOf(document.services)))
    yield { body: objectOf(body), path: [index, 'services', name], pod: {}, isCompose: true }
  const place = POD_AT[String(document.kind)]
  if (place === undefined) return
  const pod = objectOf(at(document, ...place))
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const [number, body] of listOf(pod[list]).entries())
      yield {
        body: objectOf(body),
        path: [index, ...place, list, number],
        pod,
        isCompose: false,
      }
}

export const readOnprem = (documents: readonly unknown[], home: Home): OnpremFiles => {
  const read = documents
    .flatMap(document => (at(document, 'kind') === 'List' ? listOf(at(document, 'items')) : [document]))
    .filter(document => document !== null && document !== undefined)
    .map(objectOf)
  return { home, documents: read, containers: read.flatMap((one, index) => [...containersOf(one, index)]) }
}

const text = (id: string, proves: string, expected: string, law: string): RuleText => ({
  id,
  proves,
  expected,
  law,
})

const container = (
  about: RuleText,
  name: string,
  judge: (container: Container) => readonly [holds: boolean, found: unknown],
): Rule<OnpremFiles> => ({
  ...about,
  *look({ containers }) {
    for (const one of containers) {
      const [holds, found] = judge(one)
      yield { path: [...one.path, name], holds, found: shown(found) }
    }
  },
})

/** The context of a container, or of its pod where the container says nothing. */
const security = ({ body, pod }: Container, name: string): unknown =>
  at(body, 'securityContext', name) ?? at(pod, 'securityContext', name)

const environmentOf = ({ body, path }: Container): readonly (readonly [Path, string, unknown])[] => {
  const { environment, env } = body
  if (Array.isArray(environment))
    return environment.map((line, index) => {
      const [name = '', ...value] = String(line).split('=')
      return [[...path, 'environment', index], name, value.join('=')] as const
    })
  if (isObject(environment))
    return Object.entries(environment).map(
      ([name, value]) => [[...path, 'environment', name], name, value] as const,
    )
  return listOf(env).map(
    (one, index) => [[...path, 'env', index], String(at(one, 'name')), at(one, 'value')] as const,
  )
}

const ofKind = (
  { documents }: OnpremFiles,
  kind: string,
): readonly { readonly path: Path; readonly body: JsonObject }[] =>
  documents.flatMap((body, index) => (body.kind === kind ? [{ path: [index], body }] : []))

const COMPOSE_BLOCKS = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'version']
const LOCAL_LOGS = ['local', 'json-file', 'journald', 'none']

export const ONPREM_RULES: readonly Rule<OnpremFiles>[] = [
  homeCountry,
  {
    ...text(
      'ONP-FORMAT',
      'The file describes containers',
      'a compose file or Kubernetes manifests',
      ACCOUNTABLE,
    ),
    *look({ documents }) {
      yield { path: ['documents'], holds: documents.length > 0, found: `${documents.length} documents` }
    },
  },
  {
    ...text(
      'ONP-KIND',
      'Every object is of a kind whose ways out are known and checked',
      'a kind of the allow-list',
      ACCOUNTABLE,
    ),
    *look({ documents }) {
      for (const [index, document] of documents.entries()) {
        if (!isCompose(document)) {
          const kind = String(document.kind)
          yield { path: [index], holds: KINDS.has(kind), found: kind }
        } else
          for (const block of Object.keys(document))
            yield {
              path: [index, block],
              holds: COMPOSE_BLOCKS.includes(block) || block.startsWith('x-'),
              found: block,
            }
      }
    },
  },
  container(
    text(
      'ONP-IMAGE',
      'What runs is exactly the image that was built or read',
      'a digest, or a build',
      INSTRUCTED,
    ),
    'image',
    ({ body }) => [/@sha256:[0-9a-f]{64}$/.test(String(body.image)) || body.build !== undefined, body.image],
  ),
  container(
    text('ONP-READ-ONLY', 'Nothing is written beside the declared volumes', 'a read-only root', SECURITY),
    'readOnly',
    one => {
      const value = one.isCompose ? one.body.read_only : security(one, 'readOnlyRootFilesystem')
      return [value === true, value]
    },
  ),
  container(text('ONP-USER', 'Nothing runs as root', 'a user other than root', SECURITY), 'user', one => {
    const value = one.isCompose ? one.body.user : security(one, 'runAsNonRoot')
    return [
      one.isCompose ? value !== undefined && !/^(0|root)(:|$)/.test(String(value)) : value === true,
      value,
    ]
  }),
  container(
    text(
      'ONP-PRIVILEGE',
      'A container gains no rights on its machine',
      'no privilege, all capabilities dropped',
      SECURITY,
    ),
    'privileged',
    one => {
      const isPrivileged = one.isCompose ? one.body.privileged : security(one, 'privileged')
      const dropped = one.isCompose
        ? one.body.cap_drop
        : at(one.body, 'securityContext', 'capabilities', 'drop')
      const escalation = one.isCompose
        ? listOf(one.body.security_opt)
            .map(String)
            .some(option => /^no-new-privileges(:true)?$/.test(option))
        : security(one, 'allowPrivilegeEscalation') === false
      return [
        isPrivileged !== true && listOf(dropped).includes('ALL') && escalation,
        { isPrivileged, dropped, escalation },
      ]
    },
  ),
  container(
    text(
      'ONP-HOST',
      'A container sees neither network, processes nor files of its machine',
      'nothing of the host',
      SECURITY,
    ),
    'host',
    ({ body, pod }) => {
      const host = [
        ...['network_mode', 'pid', 'ipc'].filter(name => body[name] === 'host'),
        ...['hostNetwork', 'hostPID', 'hostIPC'].filter(name => pod[name] === true),
        ...listOf(pod.volumes).flatMap(volume =>
          at(volume, 'hostPath') === undefined ? [] : [`hostPath ${shown(at(volume, 'hostPath', 'path'))}`],
        ),
        ...listOf(body.volumes)
          .map(volume => (isObject(volume) ? String(volume.source) : String(volume)))
          .filter(volume => /docker\.sock|^\/(etc|proc|sys|var\/run|root)?(:|\/|$)/.test(volume)),
        ...listOf(body.devices).map(String),
      ]
      return [host.length === 0, host.join(', ')]
    },
  ),
  {
    ...text(
      'ONP-LOG',
      'Logs stay on the machine until the operator takes them',
      'a local logging driver',
      TRANSFER,
    ),
    *look({ containers }) {
      for (const { body, path, isCompose: compose } of containers) {
        if (!compose) continue
        const driver = at(body, 'logging', 'driver')
        yield {
          path: [...path, 'logging'],
          holds: driver === undefined || LOCAL_LOGS.includes(String(driver)),
          found: shown(driver),
        }
      }
    },
  },
  {
    ...text('ONP-VOLUME', 'Data is on volumes of the operator’s machines', 'no remote volume', TRANSFER),
    *look({ documents, containers }) {
      for (const [index, document] of documents.entries())
        for (const [name, volume] of Object.entries(objectOf(document.volumes))) {
          const driver = at(volume, 'driver')
          const options = at(volume, 'driver_opts')
          yield {
            path: [index, 'volumes', name],
            holds: (driver === undefined || driver === 'local') && options === undefined,
            found: shown(volume),
          }
        }
      for (const { path, pod } of containers)
        for (const [index, volume] of listOf(pod.volumes).entries()) {
          const kinds = Object.keys(objectOf(volume)).filter(kind => kind !== 'name')
          yield {
            path: [...path.slice(0, -2), 'volumes', index],
            holds: kinds.every(kind =>
              ['emptyDir', 'persistentVolumeClaim', 'secret', 'configMap', 'projected', 'hostPath'].includes(
                kind,
              ),
            ),
            found: kinds.join(', '),
          }
        }
    },
  },
  {
    ...text(
      'ONP-EGRESS',
      'Every pod may call only what a network policy lists',
      'a policy with egress',
      TRANSFER,
    ),
    *look(files) {
      const policies = ofKind(files, 'NetworkPolicy')
      for (const { body, path } of policies)
        for (const [index, rule] of listOf(at(body, 'spec', 'egress')).entries()) {
          const targets = listOf(at(rule, 'to'))
          const isOpen =
            targets.length === 0 ||
            targets.some(to => /^(0\.0\.0\.0|::)\/0$/.test(String(at(to, 'ipBlock', 'cidr'))))
          yield {
            path: [...path, 'spec', 'egress', index],
            holds: !isOpen,
            found: shown(rule),
          }
        }
      for (const [index, document] of files.documents.entries()) {
        if (POD_AT[String(document.kind)] === undefined) continue
        const labels = objectOf(
          document.kind === 'Pod'
            ? at(document, 'metadata', 'labels')
            : at(document, 'spec', 'template', 'metadata', 'labels'),
        )
        yield {
          path: [index, 'egress'],
          holds: policies.some(
            ({ body }) =>
              listOf(at(body, 'spec', 'policyTypes')).includes('Egress') &&
              at(body, 'metadata', 'namespace') === at(document, 'metadata', 'namespace') &&
              Object.entries(objectOf(at(body, 'spec', 'podSelector', 'matchLabels'))).every(
                ([name, value]) => labels[name] === value,
              ),
          ),
          found: 'no network policy for its egress',
        }
      }
    },
  },
  {
    ...text(
      'ONP-EXPOSED',
      'The database is reached by its party only',
      'no published port of a database',
      SECURITY,
    ),
    *look({ containers }) {
      for (const { body, path } of containers)
        if (/postgres/i.test(String(body.image)))
          yield {
            path: [...path, 'ports'],
            holds: listOf(body.ports).every(
              port => isObject(port) && port.hostPort === undefined && port.published === undefined,
            ),
            found: shown(body.ports),
          }
    },
  },
  {
    ...text(
      'ONP-SECRET',
      'No file holds a password or a key in the clear',
      'a file or a secret of the host',
      SECURITY,
    ),
    *look({ containers }) {
      for (const [path, name, value] of containers.flatMap(environmentOf)) {
        const isSecret =
          /PASSWORD|PASSPHRASE|SECRET|TOKEN|SEED|PRIVATE_KEY/i.test(name) && !/_FILE$/.test(name)
        const isInUrl = /:\/\/[^/:@\s]+:[^@\s$]+@/.test(String(value))
        yield {
          path,
          holds:
            (!isSecret || value === undefined || value === null || /^$|^\$\{/.test(String(value))) &&
            !isInUrl,
          found: `a value of ${name}`,
        }
      }
    },
  },
  {
    ...text(
      'ONP-TELEMETRY',
      'Telemetry goes to nobody, or to a declared address inside',
      'no exporter',
      TRANSFER,
    ),
    *look({ containers }) {
      for (const [path, name, value] of containers.flatMap(environmentOf))
        if (/OTEL_EXPORTER|OTLP|SENTRY|DATADOG|^DD_|NEW_RELIC/i.test(name))
          yield {
            path,
            holds: value === undefined || value === '' || String(value).startsWith('${'),
            found: `${name} = ${shown(value)}`,
          }
    },
  },
  {
    ...text('ONP-CLOUD', 'No property names a service of a cloud', 'no cloud address', TRANSFER),
    *look({ documents }) {
      for (const [index, document] of documents.entries())
        for (const [path, value] of textsIn(document, [index]))
          yield {
            path,
            holds:
              !/\.(amazonaws\.(com|eu)|windows\.net|azure\.com|azurecr\.io|googleapis\.com|gcr\.io|pkg\.dev)\b/i.test(
                value,
              ),
            found: shown(value),
          }
    },
  },
  {
    ...text(
      'ONP-INGRESS',
      'No load balancer of a cloud stands before the party',
      'ClusterIP or NodePort',
      SEPARATION,
    ),
    *look(files) {
      for (const { body, path } of ofKind(files, 'Service')) {
        const type = at(body, 'spec', 'type')
        const external = at(body, 'spec', 'externalName')
        yield {
          path: [...path, 'spec', 'type'],
          holds:
            (type === undefined || type === 'ClusterIP' || type === 'NodePort') && external === undefined,
          found: shown(type),
        }
      }
    },
  },
  {
    ...text('ONP-NAME', 'Names and labels name no person', 'no e-mail address', MINIMUM),
    *look({ documents }) {
      for (const [index, document] of documents.entries())
        for (const [path, value] of textsIn(document.metadata, [index, 'metadata']))
          yield { path, holds: !EMAIL.test(value), found: value }
    },
  },
]

export const nameInFiles =
  ({ documents }: OnpremFiles) =>
  (path: Path): string => {
    const [index, ...rest] = path
    const document = typeof index === 'number' ? documents[index] : undefined
    if (document === undefined) return path.join('.')
    return [
      ...(isCompose(document)
        ? []
        : [`${String(document.kind)}/${String(at(document, 'metadata', 'name'))}`]),
      ...rest,
    ].join('.')
  }
