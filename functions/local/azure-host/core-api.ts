/**
 * The module `@azure/functions-core`, which exists only inside the cloud's language worker: it takes the registrations of
 * the library `@azure/functions`, unmodified, and gives them to whoever invokes. Hooks are not emulated.
 */
import { registerHooks } from 'node:module'
import type { TypedData } from './protocol.ts'

interface Binding {
  readonly type: string
  readonly name: string
  readonly direction: string
}

interface FunctionMetadata {
  readonly name: string
  readonly bindings: Record<string, Binding>
}

interface CoreContext {
  readonly invocationId: string
  readonly metadata: FunctionMetadata
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: TypedData }[]
    readonly triggerMetadata: Record<string, TypedData>
  }
  readonly state: 'invocation'
  log(level: string, category: string, message: string): void
}

type Callback = (...inputs: unknown[]) => unknown

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>
}

interface ProgrammingModel {
  getInvocationModel(context: CoreContext): InvocationModel
}

export interface CoreApi {
  readonly functions: ReadonlyMap<
    string,
    { readonly metadata: FunctionMetadata; readonly callback: Callback }
  >
  readonly model: () => ProgrammingModel
}

const NAME = '@azure/functions-core'
const ADDRESS = 'trias:azure-functions-core'
const PLACE = Symbol.for(ADDRESS)

/** Before `@azure/functions` is loaded. */
export const supplyCoreApi = (log: CoreContext['log']): CoreApi => {
  const functions = new Map<string, { metadata: FunctionMetadata; callback: Callback }>()
  let model: ProgrammingModel | undefined
  const core = {
    hostVersion: '4.0.0',
    registerFunction: (metadata: FunctionMetadata, callback: Callback) => {
      if (functions.has(metadata.name)) throw new Error(`there are two functions ${metadata.name}`)
      functions.set(metadata.name, { metadata, callback })
      return { dispose: () => functions.delete(metadata.name) }
    },
    registerHook: (name: string) => {
      throw new Error(`the local host does not call hooks such as ${name}`)
    },
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given
    },
    getProgrammingModel: () => model,
    log,
  }
  Object.assign(globalThis, { [PLACE]: core })
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === NAME
        ? { url: ADDRESS, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === ADDRESS
        ? {
            format: 'commonjs',
            source: `module.exports = globalThis[Symbol.for('${ADDRESS}')]`,
            shortCircuit: true,
          }
        : next(url, context),
  })
  return {
    functions,
    model: () => {
      if (model === undefined) throw new Error('the entry of the app does not use @azure/functions')
      return model
    },
  }
}
