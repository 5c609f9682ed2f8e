/**
 * npm run test:sql-fuzz -- [count] [first seed]: that many statements, 2,000 when absent, beginning at a seed that is
 * printed. Every disagreement is printed as soon as it is found and shortened; the exit code says whether there was one.
 */
import { SingleBar } from 'cli-progress'
import { runSeed } from './fuzz.ts'

const [count = 2000, first = Date.now() % 1_000_000_000] = process.argv.slice(2).map(Number)
console.log(`${count} statements from seed ${first}`)

const refusals = new Map<string, number>()
const failures: number[] = []
let agreed = 0
const bar = new SingleBar({
  format:
    '{bar} {value}/{total} | {agreed} agreed, {refused} refused, {failed} failed | {eta_formatted} left',
  // Into a file, a line now and then.
  noTTYOutput: true,
  notTTYSchedule: 20_000,
})
const totals = (refused: number) => ({ agreed, refused, failed: failures.length })
bar.start(count, 0, totals(0))
for (let seed = first; seed < first + count; seed++) {
  const outcome = await runSeed(seed)
  if (outcome.kind === 'agreed') agreed++
  if (outcome.kind === 'refused') {
    // Names differ from statement to statement; reasons are few.
    const reason = outcome.reason.replace(/"[^"]*"|\b[a-z]\.\w+/g, '…')
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  }
  if (outcome.kind === 'failed') {
    failures.push(seed)
    console.log(`\n${outcome.report}\n`)
  }
  bar.update(seed - first + 1, totals([...refusals.values()].reduce((sum, times) => sum + times, 0)))
}
bar.stop()
for (const [reason, times] of [...refusals].sort((a, b) => b[1] - a[1]))
  console.log(`refused ${times}: ${reason}`)
if (failures.length > 0) {
  console.log(`failed seeds: ${failures.join(', ')}`)
  process.exitCode = 1
} else if (agreed < count / 2) {
  console.log('fewer than half of the statements were compared')
  process.exitCode = 1
}
