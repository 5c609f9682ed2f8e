/**
 * LocalStack's image, where a Docker engine has it or can pull it. Later releases than 4.14.0 want an account: with
 * LOCALSTACK_AUTH_TOKEN the newest is used, or the one that LOCALSTACK_IMAGE names.
 */
import { CannotBeHad, type Source, VERSION } from './localstack.ts'
import { runProgram } from './run-program.ts'
import { startProgram } from './start-program.ts'

const ASK_MS = 20_000
const PULL_MS = 600_000

export const imageFor = ({ LOCALSTACK_IMAGE, LOCALSTACK_AUTH_TOKEN }: NodeJS.ProcessEnv): string =>
  LOCALSTACK_IMAGE ?? `localstack/localstack:${LOCALSTACK_AUTH_TOKEN === undefined ? VERSION : 'latest'}`

/** The token goes by its name: it stands in no list of processes. */
export const commandFor = (image: string, port: number, hasToken: boolean): readonly string[] => [
  'docker',
  'run',
  '--rm',
  '--publish',
  `127.0.0.1:${port}:4566`,
  '--env',
  'DISABLE_EVENTS=1',
  ...(hasToken ? ['--env', 'LOCALSTACK_AUTH_TOKEN'] : []),
  image,
]

export const dockerImage = (env: NodeJS.ProcessEnv): Source => ({
  name: 'Docker',
  start: async () => {
    const image = imageFor(env)
    const docker = (timeoutMs: number, ...args: string[]) => runProgram('docker', args, { timeoutMs, env })
    const engine = await docker(ASK_MS, 'version', '--format', '{{.Server.Version}}')
    if (!engine.ok) throw new CannotBeHad(`no engine answers (${engine.lastLine})`)
    if (!(await docker(ASK_MS, 'image', 'inspect', image)).ok) {
      const pull = await docker(PULL_MS, 'pull', '--quiet', image)
      if (!pull.ok) throw new CannotBeHad(`${image} is not here and cannot be pulled (${pull.lastLine})`)
    }
    const hasToken = env.LOCALSTACK_AUTH_TOKEN !== undefined
    const { version, ...started } = await startProgram(port => ({
      command: commandFor(image, port, hasToken),
      env,
    }))
    return { ...started, about: `LocalStack ${version}, Docker image ${image}`, standIns: [] }
  },
})
