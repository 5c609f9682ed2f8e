/**
 * What host and language worker say to each other. The shapes of data are those of Azure's own protocol, because the
 * library `@azure/functions` converts from and to them.
 */

/** One value; exactly one member is set. */
export interface TypedData {
  readonly string?: string
  readonly json?: string
  readonly bytes?: Uint8Array
  readonly int?: number
  readonly http?: HttpData
}

export interface HttpData {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly query?: Record<string, string>
  readonly params?: Record<string, string>
  readonly body?: TypedData | null
  readonly statusCode?: string
  readonly cookies?: readonly unknown[]
}

/** What a function says about its trigger; which members there are depends on the type. */
export interface Trigger {
  readonly type: string
  readonly authLevel?: string
  readonly methods?: readonly string[]
  readonly route?: string
  readonly queueName?: string
  readonly connection?: string
  readonly schedule?: string
}

export interface RegisteredFunction {
  readonly name: string
  readonly trigger: Trigger
}

export interface Invocation {
  readonly id: string
  readonly function: string
  readonly data: TypedData
  readonly metadata: Record<string, TypedData>
}

export type FromWorker =
  | { readonly kind: 'loaded'; readonly functions: readonly RegisteredFunction[] }
  | { readonly kind: 'not-loaded'; readonly error: string }
  | { readonly kind: 'done'; readonly id: string; readonly result: TypedData | null }
  | { readonly kind: 'failed'; readonly id: string; readonly error: string }
