/** The deployment packages of the clouds, built as `npm run build:functions` does, by the same program. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { InputError } from '../../shared/base/errors.ts'

const BUILD = fileURLToPath(new URL('../../functions/build/main.ts', import.meta.url))

export const buildPackages = async (): Promise<void> => {
  try {
    await promisify(execFile)(process.execPath, [BUILD])
  } catch (cause) {
    throw new InputError('the deployment packages could not be built', {
      cause,
      hint: 'npm run build:functions says why',
    })
  }
}
