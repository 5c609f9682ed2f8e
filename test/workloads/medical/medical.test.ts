/** The medical statements: rewritings against original wordings, and the answers of everyone. The seed gives the data. */
import { testWorkload } from '../agreement.ts'
import { generateMedical } from './generate.ts'

const SEED = 4

testWorkload(new URL('./queries/', import.meta.url), generateMedical(SEED))
