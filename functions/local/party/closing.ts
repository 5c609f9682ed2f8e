/** What was started is closed in the opposite order, also when the start fails half way. */

export interface Closing {
  /** Notes how to close what `start` gives. */
  add<T>(start: Promise<T>, close: (started: T) => Promise<void>): Promise<T>
  close(): Promise<void>
}

export const createClosing = (): Closing => {
  const closes: (() => Promise<void>)[] = []
  return {
    add: async (start, close) => {
      const started = await start
      closes.push(() => close(started))
      return started
    },
    close: async () => {
      for (const close of closes.splice(0).reverse()) await close()
    },
  }
}
