/** The credit statements: rewritings against original wordings, and the answers of everyone. The seed gives the data. */
import { testWorkload } from '../agreement.ts'
import { generateCredit } from './generate.ts'

const SEED = 4

testWorkload(new URL('./queries/', import.meta.url), generateCredit(SEED))
