/** `npm run build:functions`: the deployment packages of all clouds in dist/functions, and what they weigh. */
import { writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { bundle, CLOUDS } from './bundle.ts'

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024).toLocaleString('en')} KiB`
const started = performance.now()
const packages = await Promise.all(CLOUDS.map(cloud => bundle(cloud)))
const table = new Table({
  head: ['package', 'file', 'raw', 'gzip'],
  colAligns: ['left', 'left', 'right', 'right'],
})
for (const { cloud, directory, files, metafile } of packages) {
  // Beside the package and not in it: it says what is in every file, for whoever wants to know why it grew.
  writeFileSync(`${directory}.meta.json`, JSON.stringify(metafile))
  const total = (of: 'bytes' | 'gzipBytes'): string => kib(files.reduce((sum, file) => sum + file[of], 0))
  for (const { name, bytes, gzipBytes } of files) table.push(['', name, kib(bytes), kib(gzipBytes)])
  table.push([cloud, `${files.length} files`, total('bytes'), total('gzipBytes')])
}
console.log(table.toString())
console.log(`dist/functions in ${((performance.now() - started) / 1000).toFixed(1)} s`)
