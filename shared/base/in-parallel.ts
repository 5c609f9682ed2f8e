/** Runs the tasks, at most `limit` at once, and gives their results in order; the first failure starts no more. */
export const inParallel = async <T>(
  tasks: readonly (() => Promise<T>)[],
  limit: number,
): Promise<readonly T[]> => {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < tasks.length; at = next++)
      results[at] = await (tasks[at] as () => Promise<T>)()
  }
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, worker))
  return results
}
