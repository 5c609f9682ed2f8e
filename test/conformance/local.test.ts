import { memoryMailbox } from '../../functions/local/mailbox.ts'
import { memoryStore } from '../../functions/local/store.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'

storeConformance('memory store', memoryStore)
mailboxConformance('memory mailbox', memoryMailbox)
