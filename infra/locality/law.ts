/** The provisions that rules serve, each in one line of our own words. */
export const TRANSFER =
  'GDPR Art. 44: personal data goes to a third country only under the conditions of Chapter V'
export const INSTRUCTED =
  'GDPR Art. 28(3)(a): a processor acts, transfers included, on documented instructions only'
export const SECURITY = 'GDPR Art. 32: encryption, confidentiality and access as the risk demands'
export const ERASURE = 'GDPR Art. 5(1)(e) and 17: kept no longer than needed, and erased everywhere'
export const MINIMUM = 'GDPR Art. 5(1)(c) and 25: no more data, and no more readers, than the purpose needs'
export const SEPARATION =
  'GDPR Art. 4(5): what would undo the pseudonymisation is kept apart, by technique and organisation'
export const ACCOUNTABLE = 'GDPR Art. 5(2) and 24: the controller must be able to show it'
