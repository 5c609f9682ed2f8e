/**
 * The folder that the image is built from: the Node of the lock file, the shared libraries that the loader finds for it on
 * this machine, the bundle, and the list of components (SBOM) beside it. Times are zero and modes the same everywhere, so that
 * layers depend on content.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundle, WASM } from '../../functions/build/bundle.ts'
import { InputError } from '../../shared/base/errors.ts'
import { sbom } from './sbom.ts'

/** What the loader would load for a program on this machine, by full path. */
export const libraries = (program: string): readonly string[] =>
  execFileSync('ldd', [program], { encoding: 'utf8' })
    .split('\n')
    .flatMap(line => /(?:=>\s+)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? [])

const copy = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
  chmodSync(to, 0o755)
}

/** What an image keeps of a file beside its content: made the same, whenever and by whomever the folder was filled. */
const settle = (path: string): void => {
  const status = statSync(path)
  const isOpen = status.isDirectory() || (status.mode & 0o100) !== 0
  if (status.isDirectory()) for (const name of readdirSync(path)) settle(join(path, name))
  chmodSync(path, isOpen ? 0o755 : 0o644)
  utimesSync(path, 0, 0)
}

/** Throws InputError on a machine that is no Linux. */
export const fillContext = async (directory: string, root: string): Promise<void> => {
  if (process.platform !== 'linux')
    throw new InputError('the image takes Node and its libraries from this machine', {
      where: process.platform,
      hint: 'Run --context on Linux, of the architecture that the party will run on.',
    })
  const target = join(directory, 'root')
  // Whatever Node runs this: `npm run` takes the one of the lock file.
  copy(process.execPath, join(target, 'usr/bin/node'))
  const loaded = libraries(process.execPath)
  for (const file of loaded) copy(file, join(target, file))
  // Without it the C library asks the name server first, and knows no name of /etc/hosts when there is none.
  mkdirSync(join(target, 'etc'))
  writeFileSync(join(target, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  const scratch = mkdtempSync(join(tmpdir(), 'trias-image-'))
  try {
    const built = await bundle('onprem', scratch)
    cpSync(built.directory, join(target, 'app'), { recursive: true })
    const { metafile } = built
    const contents = { root, metafile, beside: WASM, node: process.execPath, libraries: loaded }
    writeFileSync(join(directory, 'sbom.cdx'), sbom(contents))
  } finally {
    rmSync(scratch, { recursive: true })
  }
  settle(target)
}
