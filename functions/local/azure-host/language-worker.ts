/**
 * The process in which the functions of an app run: loads the entry that `package.json` names, tells the host what it
 * registered, and runs invocations as they come, many at a time.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { supplyCoreApi } from './core-api.ts'
import type { FromWorker, Invocation, RegisteredFunction, Trigger, TypedData } from './protocol.ts'

process.once('disconnect', () => process.exit(0))

const tell = (message: FromWorker): void => void process.send?.(message)
const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
const core = supplyCoreApi((level, category, message) => {
  if (category === 'user' || level === 'warning' || level === 'error') console.error(message)
})

const isTrigger = ({ type }: { readonly type: string }): boolean => /trigger$/i.test(type)

const load = async (): Promise<readonly RegisteredFunction[]> => {
  const directory = process.cwd()
  const { main } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  await import(pathToFileURL(join(directory, main)).href)
  return [...core.functions.values()].map(({ metadata: { name, bindings } }) => ({
    name,
    trigger: Object.values(bindings).find(isTrigger) as Trigger,
  }))
}

const invoke = async ({ id, function: name, data, metadata }: Invocation): Promise<TypedData | null> => {
  const found = core.functions.get(name)
  const input = Object.values(found?.metadata.bindings ?? {}).find(isTrigger)
  if (found === undefined || input === undefined) throw new Error(`there is no function ${name}`)
  const model = core.model().getInvocationModel({
    invocationId: id,
    metadata: found.metadata,
    request: { inputData: [{ name: input.name, data }], triggerMetadata: metadata },
    state: 'invocation',
    log: (level, category, message) => {
      if (category === 'user' || level === 'warning' || level === 'error') console.error(message)
    },
  })
  const { context, inputs } = await model.getArguments()
  const result = await model.invokeFunction(context, inputs, found.callback)
  const { returnValue } = await model.getResponse(context, result)
  return returnValue ?? null
}

process.on('message', message => {
  const invocation = message as Invocation
  invoke(invocation).then(
    result => tell({ kind: 'done', id: invocation.id, result }),
    error => {
      console.error(error)
      tell({ kind: 'failed', id: invocation.id, error: textOf(error) })
    },
  )
})

load().then(
  functions => tell({ kind: 'loaded', functions }),
  error => {
    console.error(error)
    tell({ kind: 'not-loaded', error: textOf(error) })
  },
)
