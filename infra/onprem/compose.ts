/**
 * One machine with Docker: the party, and PostgreSQL on a network that has no way out. Compose can't hold a container to a
 * list of addresses; that is for the machine's firewall, as docs/operating/deploy-onprem.md says.
 */
import { partyEnvironment } from './party-config.ts'
import { nameOf, PARTY_UID, type PartyProps, POSTGRES_UID } from './props.ts'

const hardened = (uid: number) => ({
  user: `${uid}:${uid}`,
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'unless-stopped',
  logging: { driver: 'local' },
})

export const composeFile = (props: PartyProps) => ({
  name: nameOf(props),
  services: {
    party: {
      ...(props.image === null
        ? { build: { context: './image', args: { SOURCE_DATE_EPOCH: '0' } } }
        : { image: props.image }),
      ...hardened(PARTY_UID),
      environment: partyEnvironment(props),
      configs: [{ source: 'party', target: '/etc/trias/party.json' }],
      secrets: ['party-key', 'passphrase', 'database-password'],
      // Loopback: the operator's TLS proxy stands before it.
      ports: [`127.0.0.1:${props.port}:${props.port}`],
      networks: ['inside', 'outside'],
      depends_on: { database: { condition: 'service_healthy' } },
      stop_grace_period: '10s',
    },
    database: {
      image: props.postgresImage,
      ...hardened(POSTGRES_UID),
      environment: {
        POSTGRES_USER: 'trias',
        POSTGRES_DB: 'trias',
        POSTGRES_PASSWORD_FILE: '/run/secrets/postgres-password',
        // Below the mount in every version of the image; the place of its own choice has moved.
        PGDATA: '/var/lib/postgresql/trias',
      },
      secrets: ['postgres-password'],
      tmpfs: [`/run/postgresql:uid=${POSTGRES_UID},gid=${POSTGRES_UID},mode=0755`, '/tmp'],
      volumes: ['database:/var/lib/postgresql'],
      networks: ['inside'],
      healthcheck: {
        test: ['CMD', 'pg_isready', '--username=trias', '--host=127.0.0.1'],
        interval: '5s',
        timeout: '3s',
        retries: 12,
      },
      shm_size: '256mb',
      stop_grace_period: '60s',
    },
  },
  networks: { inside: { internal: true }, outside: {} },
  volumes: { database: {} },
  configs: { party: { file: './party.conf' } },
  secrets: {
    'party-key': { file: './secrets/party-key' },
    passphrase: { file: './secrets/passphrase' },
    'database-password': { file: './secrets/database-password' },
    // The same password again: each of the two users reads a file that is its own.
    'postgres-password': { file: './secrets/postgres-password' },
  },
})

export const COMPOSE_DATABASE = {
  kind: 'postgres',
  url: 'postgresql://trias@database:5432/trias',
  passwordFile: '/run/secrets/database-password',
  // A bridge inside one machine; there is nobody between the two.
  ssl: 'off',
}
