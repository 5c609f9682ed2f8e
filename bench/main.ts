/** `npm run bench`: the engine by itself, or with `stack` three whole parties on their clouds' emulators. */
import process from 'node:process'

if (process.argv[2] === 'stack') await import('./stack/main.ts')
else await import('./engine.ts')
