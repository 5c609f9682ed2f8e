/** `npm run build:functions`: the deployment packages of all clouds in dist/functions, and what they weigh. */
import { writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { bundle, CLOUDS, type Package } from './bundle.ts'

const started = performance.now()
const packages = await Promise.all(CLOUDS.map(cloud => bundle(cloud)))

const weight = ({ files }: Package, of: 'bytes' | 'gzipBytes', ending: string): string => {
  const bytes = files.filter(({ name }) => name.endsWith(ending)).reduce((sum, file) => sum + file[of], 0)
  return `${Math.ceil(bytes / 1024).toLocaleString('en')} KiB`
}
const table = new Table({
  head: ['package', 'files', 'code', 'gzip', 'wasm', 'gzip', 'all', 'gzip'],
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [], compact: true },
})
for (const one of packages) {
  // Beside the package and not in it: it says what is in every file, for whoever wants to know why it grew.
  writeFileSync(`${one.directory}.meta.json`, JSON.stringify(one.metafile))
  const weights = ['.mjs', '.wasm', ''].flatMap(ending => [
    weight(one, 'bytes', ending),
    weight(one, 'gzipBytes', ending),
  ])
  table.push([one.cloud, String(one.files.length), ...weights])
}
console.log(`${table}\ndist/functions in ${((performance.now() - started) / 1000).toFixed(1)} s`)
