// biome-ignore-all lint/suspicious/noAssignInExpressions: a mutation is an assignment, and the table of them shall be read by line
/** Deliberate violations of a compose file and of Kubernetes manifests, each found by the rule that names it. */
import { expect, test } from 'vitest'
import { checkOnprem } from '../../../infra/locality/onprem.ts'
import { ONPREM_RULES } from '../../../infra/locality/onprem-rules.ts'
import type { Template } from './synthesized.ts'

const IMAGE = `registry.internal/trias@sha256:${'0'.repeat(64)}`
const home = { countries: ['FI'] }

const hardened = () => ({
  image: IMAGE,
  read_only: true,
  user: '10001:10001',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
})

const compose = (): Template => ({
  services: {
    party: {
      ...hardened(),
      environment: { TRIAS_PASSPHRASE_FILE: '/run/secrets/passphrase' },
      logging: { driver: 'local' },
      ports: ['127.0.0.1:8400:8400'],
      volumes: ['data:/data'],
    },
    database: { ...hardened(), image: `registry.internal/postgres@sha256:${'1'.repeat(64)}` },
  },
  volumes: { data: {} },
  networks: { inside: { internal: true } },
})

const labels = { app: 'trias' }
const manifests = (): Template[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'party', labels },
    spec: {
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsNonRoot: true },
          containers: [
            {
              image: IMAGE,
              securityContext: {
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
              },
              env: [{ name: 'TRIAS_PASSPHRASE', valueFrom: { secretKeyRef: {} } }],
            },
          ],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
        },
      },
    },
  },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'party' }, spec: { type: 'ClusterIP' } },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'party' },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '192.0.2.10/32' } }] }],
    },
  },
]

const party = (c: Template): Template => c.services.party
const pod = (m: Template): Template => m[0].spec.template.spec
const container = (m: Template): Template => pod(m).containers[0]

const COMPOSE: readonly (readonly [string, string, (c: Template) => void])[] = [
  ['a file brought in from elsewhere', 'ONP-KIND', c => void (c.include = ['other.yaml'])],
  ['an image by a tag', 'ONP-IMAGE', c => void (party(c).image = 'registry.internal/trias:latest')],
  ['a root that can be written', 'ONP-READ-ONLY', c => void delete party(c).read_only],
  ['root', 'ONP-USER', c => void (party(c).user = '0:0')],
  ['no user', 'ONP-USER', c => void delete party(c).user],
  ['privileges', 'ONP-PRIVILEGE', c => void (party(c).privileged = true)],
  ['capabilities', 'ONP-PRIVILEGE', c => void (party(c).cap_drop = ['NET_RAW'])],
  ['the network of the machine', 'ONP-HOST', c => void (party(c).network_mode = 'host')],
  [
    'the socket of Docker',
    'ONP-HOST',
    c => void party(c).volumes.push('/var/run/docker.sock:/var/run/docker.sock'),
  ],
  ['logs to another machine', 'ONP-LOG', c => void (party(c).logging = { driver: 'gelf' })],
  ['logs to a cloud', 'ONP-LOG', c => void (party(c).logging = { driver: 'awslogs' })],
  [
    'a volume on another machine',
    'ONP-VOLUME',
    c => void (c.volumes.data = { driver_opts: { type: 'nfs' } }),
  ],
  ['a volume of a plug-in', 'ONP-VOLUME', c => void (c.volumes.data = { driver: 'rexray/ebs' })],
  [
    'a database that is reached from outside',
    'ONP-EXPOSED',
    c => void (c.services.database.ports = ['5432:5432']),
  ],
  [
    'a password in the file',
    'ONP-SECRET',
    c => void (party(c).environment.TRIAS_PASSPHRASE = 'correct horse'),
  ],
  [
    'a password in an address',
    'ONP-SECRET',
    c => void (party(c).environment.TRIAS_URL = 'postgres://u:p@database/x'),
  ],
  [
    'telemetry to somebody',
    'ONP-TELEMETRY',
    c => void (party(c).environment.OTEL_EXPORTER_OTLP_ENDPOINT = 'https://x.example'),
  ],
  [
    'a store in a cloud',
    'ONP-CLOUD',
    c => void (party(c).environment.TRIAS_URL = 'https://s3.eu-west-1.amazonaws.com'),
  ],
]

const KUBERNETES: readonly (readonly [string, string, (m: Template) => void])[] = [
  [
    'a job of the cluster’s own kind',
    'ONP-KIND',
    m => void m.push({ apiVersion: 'v1', kind: 'CustomResourceDefinition' }),
  ],
  [
    'a root that can be written',
    'ONP-READ-ONLY',
    m => void delete container(m).securityContext.readOnlyRootFilesystem,
  ],
  ['root', 'ONP-USER', m => void (container(m).securityContext.runAsNonRoot = false)],
  [
    'a way to more rights',
    'ONP-PRIVILEGE',
    m => void delete container(m).securityContext.allowPrivilegeEscalation,
  ],
  ['files of the machine', 'ONP-HOST', m => void pod(m).volumes.push({ name: 'x', hostPath: { path: '/' } })],
  ['the network of the machine', 'ONP-HOST', m => void (pod(m).hostNetwork = true)],
  ['a volume on another machine', 'ONP-VOLUME', m => void (pod(m).volumes[0] = { name: 'data', nfs: {} })],
  ['no policy for what pods may call', 'ONP-EGRESS', m => void m.pop()],
  ['a policy for other pods', 'ONP-EGRESS', m => void (m[2].spec.podSelector.matchLabels = { app: 'x' })],
  ['calls to everywhere', 'ONP-EGRESS', m => void (m[2].spec.egress[0].to[0].ipBlock.cidr = '0.0.0.0/0')],
  ['calls to whatever', 'ONP-EGRESS', m => void (m[2].spec.egress = [{}])],
  ['a password in the manifest', 'ONP-SECRET', m => void (container(m).env[0].value = 'correct horse')],
  ['a load balancer of a cloud', 'ONP-INGRESS', m => void (m[1].spec.type = 'LoadBalancer')],
  ['a person in a label', 'ONP-NAME', m => void (m[0].metadata.annotations = { owner: 'jane@example.org' })],
]

test('both as they are have no finding', () => {
  expect(checkOnprem([compose()], home)).toEqual([])
  expect(checkOnprem(manifests(), home)).toEqual([])
  expect(checkOnprem([{ apiVersion: 'v1', kind: 'List', items: manifests() }], home)).toEqual([])
})

test.each(COMPOSE)('compose, %s: %s', (_, rule, mutate) => {
  const file = compose()
  mutate(file)
  expect(checkOnprem([file], home).map(finding => finding.rule)).toEqual([rule])
})

test.each(KUBERNETES)('Kubernetes, %s: %s', (_, rule, mutate) => {
  const files = manifests() as Template
  mutate(files)
  expect(checkOnprem(files as unknown as Template[], home).map(finding => finding.rule)).toEqual([rule])
})

test('a home without a declared country, and no file at all', () => {
  expect(checkOnprem([compose()], { countries: [] }).map(({ rule }) => rule)).toEqual(['HOME-COUNTRY'])
  expect(checkOnprem([], home).map(({ rule }) => rule)).toEqual(['ONP-FORMAT'])
})

test('every rule has a violation of its own', () => {
  const named = new Set([...COMPOSE, ...KUBERNETES].map(([, rule]) => rule))
  expect(ONPREM_RULES.map(({ id }) => id).filter(id => !named.has(id))).toEqual([
    'HOME-COUNTRY',
    'ONP-FORMAT',
  ])
})
