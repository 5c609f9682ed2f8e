/**
 * LocalStack without Docker: its package from PyPI in a virtual environment of our own, which runs it as a process ("host
 * mode"). Its state goes with it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dynamoDbBinary } from '../../functions/local/emulator/dynamodb.ts'
import { putStandIn, STAND_IN } from './dynamodb-stand-in.ts'
import { CannotBeHad, type Source, VERSION } from './localstack.ts'
import { findPython } from './python.ts'
import { runProgram } from './run-program.ts'
import { startProgram } from './start-program.ts'

/** Every package with its version, so that the same program runs tomorrow. */
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const VENV_MS = 120_000
const INSTALL_MS = 900_000

interface PypiOptions {
  /** Holds the virtual environment, from run to run. */
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
}

/** Path of its Python. Throws CannotBeHad. */
const install = async ({ directory, env, say }: PypiOptions): Promise<string> => {
  const [venv, installed] = [join(directory, 'venv'), join(directory, 'installed.txt')]
  const python = join(venv, 'bin/python')
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted && existsSync(python)) return python

  const found = await findPython(env)
  if (found === undefined) throw new CannotBeHad('no Python from 3.13 on with venv and pip')
  say(
    `installing LocalStack ${VERSION} from PyPI into ${venv}, with Python ${found.version}: half a gigabyte`,
  )
  rmSync(installed, { force: true })
  rmSync(venv, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const made = await runProgram(found.program, ['-m', 'venv', venv], { timeoutMs: VENV_MS, env })
  if (!made.ok) throw new CannotBeHad(`${found.program} makes no virtual environment (${made.lastLine})`)
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    REQUIREMENTS,
  ]
  const got = await runProgram(python, pip, { timeoutMs: INSTALL_MS, env })
  if (!got.ok) throw new CannotBeHad(`cannot be installed (${got.lastLine})`)
  writeFileSync(installed, wanted)
  return python
}

/** The DynamoDB server of the tests; undefined where there is none, and LocalStack downloads its own. */
const dynamoDb = (): string | undefined => {
  try {
    return dynamoDbBinary()
  } catch {
    return undefined
  }
}

const environmentFor = (port: number, root: string, { PATH }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH,
  HOME: root,
  // It believes to be in its image otherwise, and writes into the machine's own folders.
  OVERRIDE_IN_DOCKER: '0',
  FILESYSTEM_ROOT: root,
  XDG_CACHE_HOME: join(root, 'cache'),
  GATEWAY_LISTEN: `127.0.0.1:${port}`,
  LOCALSTACK_HOST: `localhost:${port}`,
  // It reports to nobody and fetches nothing.
  DISABLE_EVENTS: '1',
  SKIP_SSL_CERT_DOWNLOAD: '1',
  EAGER_SERVICE_LOADING: '0',
})

export const pypiPackage = (options: PypiOptions): Source => ({
  name: 'PyPI',
  start: async () => {
    const python = await install(options)
    const server = dynamoDb()
    const { version, ...started } = await startProgram((port, root) => {
      if (server !== undefined) putStandIn(root, server)
      return {
        command: [python, '-m', 'localstack.runtime.main'],
        env: environmentFor(port, root, options.env),
      }
    })
    return {
      ...started,
      about: `LocalStack ${version} from PyPI in host mode, without Docker`,
      standIns: server === undefined ? [] : [STAND_IN],
    }
  },
})
