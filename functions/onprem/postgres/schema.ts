/**
 * The tables of a party, made and brought up to date when a replica starts; replicas that start at once take turns.
 *
 * Every table is logged. Run keys, leases, digests of what was sent and frames are volatile in that they stay out of
 * backups and are deleted when a run ends, not in that a crash may take them: an UNLOGGED table is emptied after one, and
 * a party that forgot a digest could send a second message under one mask. So PostgreSQL writes them to its log as well,
 * and keeps deleted rows until it vacuums, which happens soon here. What rests there is ciphertext: run keys are under a
 * key that follows from the key file, checkpoints and frames under keys of the run. Where backups of the server hold its
 * log, keep that log no longer than you would keep the run keys.
 */
import pg from 'pg'
import { InputError } from '../../../shared/base/errors.ts'

/** Each entry is executed once, in order, never changed after a release, and only added to. */
const MIGRATIONS: readonly ((table: (name: string) => string) => string)[] = [
  table => `
    CREATE TABLE ${table('durable')} (
      key text COLLATE "C" PRIMARY KEY,
      version text COLLATE "C" NOT NULL,
      value bytea STORAGE EXTERNAL NOT NULL
    );
    CREATE TABLE ${table('volatile')} (
      key text COLLATE "C" PRIMARY KEY,
      version text COLLATE "C" NOT NULL,
      value bytea STORAGE EXTERNAL NOT NULL
    ) WITH (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0);
    CREATE TABLE ${table('frame')} (
      run text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      round bigint NOT NULL,
      body bytea STORAGE EXTERNAL NOT NULL,
      PRIMARY KEY (run, id)
    ) WITH (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0);
    CREATE TABLE ${table('wake')} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subject text COLLATE "C" NOT NULL,
      due timestamptz NOT NULL DEFAULT clock_timestamp(),
      holder text,
      held_until timestamptz,
      tries integer NOT NULL DEFAULT 0
    ) WITH (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0);
    CREATE UNIQUE INDEX wake_waiting ON ${table('wake')} (subject) WHERE holder IS NULL;
  `,
]

/** Throws InputError when the schema is another party's, is newer than this program, or the server may lose commits. */
export const createSchema = async (pool: pg.Pool, schema: string, party: number): Promise<void> => {
  const client = await pool.connect()
  const table = (name: string): string => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
  try {
    await requireDurability(client)
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`trias schema ${schema}`])
    const { rows: there } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS yes', [
      pg.escapeIdentifier(schema),
    ])
    if (!there[0].yes) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`)
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${table('party')} (party integer NOT NULL, migrations integer NOT NULL)`,
    )
    const { rows } = await client.query(`SELECT party, migrations FROM ${table('party')}`)
    const [found = { party, migrations: 0 }] = rows as { party: number; migrations: number }[]
    if (found.party !== party)
      throw new InputError(`the schema ${schema} holds the records of party ${found.party}, not ${party}`, {
        hint: 'give each party a database of its own, run by its own people',
      })
    if (found.migrations > MIGRATIONS.length)
      throw new InputError(`the schema ${schema} was made by a newer version of this program`, {
        hint: 'start that version, or restore the backup made before it',
      })
    for (const migration of MIGRATIONS.slice(found.migrations)) await client.query(migration(table))
    if (rows.length === 0)
      await client.query(`INSERT INTO ${table('party')} VALUES ($1, $2)`, [party, MIGRATIONS.length])
    else if (found.migrations < MIGRATIONS.length)
      await client.query(`UPDATE ${table('party')} SET migrations = $1`, [MIGRATIONS.length])
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    // Closes the connection, and with it the transaction.
    client.release(true)
    throw error
  }
}

/** A server that acknowledges before it has written takes back what peers and owners were told. */
const requireDurability = async (client: pg.PoolClient): Promise<void> => {
  const { rows } = await client.query(
    "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous",
  )
  if (rows[0].fsync === 'off' || rows[0].synchronous === 'off')
    throw new InputError('the database acknowledges what it may still lose', {
      hint: 'switch fsync and synchronous_commit on for this database',
    })
}
