/** The function app: importing a function registers it. */
import './http.ts'
import './worker.ts'
import './timer.ts'
