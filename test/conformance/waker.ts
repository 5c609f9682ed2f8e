/** What every Waker adapter must do; each adapter's test runs this unchanged. */
import { expect, test } from 'vitest'
import { CHORES, type Waker } from '../../shared/port/waker.ts'

interface OpenWaker {
  readonly waker: Waker
  /** The subjects that workers have been called with since the last call; waits for one. */
  subjects(): Promise<readonly string[]>
}

const DIGEST = 'V4-9xnOXwr0GfyKUvFKi3Ep3Xq8eVs1nJzCpJhl6ZmE'

export const wakerConformance = (name: string, open: () => OpenWaker): void => {
  test(`${name}: a worker is called with the subject, as it was given`, async () => {
    const { waker, subjects } = open()
    await waker.wake(DIGEST)
    expect(await subjects()).toEqual([DIGEST])
    await waker.wake(CHORES)
    expect(await subjects()).toEqual([CHORES])
  })

  test(`${name}: of many subjects woken at once none is lost`, async () => {
    const { waker, subjects } = open()
    const woken = Array.from({ length: 20 }, (_, i) => `subject-${i}`)
    await Promise.all(woken.map(subject => waker.wake(subject)))
    const seen = new Set<string>()
    while (seen.size < woken.length) for (const subject of await subjects()) seen.add(subject)
    expect([...seen].sort()).toEqual([...woken].sort())
  })
}
