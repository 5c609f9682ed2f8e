/**
 * A namespace with one pod: the party, and PostgreSQL beside it on the loopback of the pod, so that what the party stores is
 * on no network. Secrets are made by the operator and are in no manifest.
 */
import { partyConfig, partyEnvironment } from './party-config.ts'
import { ADMIN_PORT, nameOf, PARTY_UID, type PartyProps, POSTGRES_UID } from './props.ts'

const NOWHERE = `registry.invalid/trias@sha256:${'0'.repeat(64)}`

const hardened = (uid: number) => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: uid,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
})

/**
 * The kubelet gives files of a secret to a group, and the party takes none that others may read. There is no shell in the
 * image, so Node copies them into memory for their owner alone.
 */
const COPY_SECRETS = `const fs = require('node:fs')
for (const name of ['party-key', 'passphrase', 'database-password'])
  fs.writeFileSync('/keys/' + name, fs.readFileSync('/secrets/' + name), { mode: 0o600 })`

const policy = (props: PartyProps, name: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: name },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': props.ingressNamespace } } },
        ],
        ports: [{ protocol: 'TCP', port: props.port }],
      },
    ],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: ['UDP', 'TCP'].map(protocol => ({ protocol, port: 53 })),
      },
      // A rule without a target would allow every one.
      ...(props.peers.length === 0
        ? []
        : [
            {
              to: props.peers.map(cidr => ({ ipBlock: { cidr } })),
              ports: [{ protocol: 'TCP', port: props.peerPort }],
            },
          ]),
    ],
  },
})

const pod = (props: PartyProps, name: string) => {
  const image = props.image ?? NOWHERE
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    securityContext: { fsGroup: PARTY_UID, fsGroupChangePolicy: 'OnRootMismatch' },
    initContainers: [
      {
        name: 'secrets',
        image,
        command: ['/usr/bin/node', '-e', COPY_SECRETS],
        securityContext: hardened(PARTY_UID),
        volumeMounts: [
          { name: 'secrets', mountPath: '/secrets', readOnly: true },
          { name: 'keys', mountPath: '/keys' },
        ],
      },
    ],
    containers: [
      {
        name: 'party',
        image,
        securityContext: hardened(PARTY_UID),
        env: Object.entries(partyEnvironment(props)).map(([key, value]) => ({ name: key, value })),
        ports: [{ name: 'front', containerPort: props.port }],
        // Not /readyz: it waits for a manifest, and that arrives through the service.
        readinessProbe: { httpGet: { path: '/healthz', port: ADMIN_PORT }, periodSeconds: 5 },
        livenessProbe: { httpGet: { path: '/healthz', port: ADMIN_PORT }, periodSeconds: 30 },
        resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '4Gi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/trias', readOnly: true },
          { name: 'keys', mountPath: '/keys', readOnly: true },
        ],
      },
      {
        name: 'database',
        image: props.postgresImage,
        args: ['-c', 'listen_addresses=127.0.0.1'],
        securityContext: hardened(POSTGRES_UID),
        env: [
          { name: 'POSTGRES_USER', value: 'trias' },
          { name: 'POSTGRES_DB', value: 'trias' },
          { name: 'POSTGRES_PASSWORD_FILE', value: '/secrets/database-password' },
          { name: 'PGDATA', value: '/var/lib/postgresql/trias' },
        ],
        readinessProbe: {
          exec: { command: ['pg_isready', '--username=trias', '--host=127.0.0.1'] },
          periodSeconds: 5,
        },
        resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '2Gi' } },
        volumeMounts: [
          { name: 'secrets', mountPath: '/secrets', readOnly: true },
          { name: 'database', mountPath: '/var/lib/postgresql' },
          { name: 'run', mountPath: '/run/postgresql' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name } },
      { name: 'secrets', secret: { secretName: name, defaultMode: 0o440 } },
      { name: 'keys', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'database', persistentVolumeClaim: { claimName: 'database' } },
    ],
  }
}

export const manifests = (props: PartyProps): readonly unknown[] => {
  const name = nameOf(props)
  const labels = { 'app.kubernetes.io/name': 'trias', 'app.kubernetes.io/instance': name }
  const metadata = { name, namespace: name, labels }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    policy(props, name, labels),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        'party.json': partyConfig(props, {
          host: '0.0.0.0',
          // For the kubelet; the policy lets nobody else reach it.
          adminHost: '0.0.0.0',
          secrets: '/keys',
          database: {
            kind: 'postgres',
            url: 'postgresql://trias@127.0.0.1:5432/trias',
            passwordFile: '/keys/database-password',
          },
        }),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'database', namespace: name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: `${props.storageGib}Gi` } },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata,
      spec: {
        serviceName: name,
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod(props, name) },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: [{ name: 'front', port: props.port, targetPort: 'front' }],
      },
    },
  ]
}
