import { graphql } from '../graphql.ts'

/** All that is shown of one announcement. */
export const ANNOUNCEMENT = graphql(`
  query Announcement($txid: Hex!, $of: [Hex!]!) {
    status { position }
    announcement(txid: $txid) {
      txid
      author
      status
      own
      label
      image
      count
      isolation
      network
      maxHourlyMsat
      maxDurationS
      bondSats
      firstAt
      height
      resources { cpuMillis memoryBytes diskBytes pids }
      verdict { ok rules { rule ok want have } }
      verdictNow { ok rules { rule ok want have } }
      answers {
        bids {
          outcome
          rules { rule ok want have }
          lease { id leaseId stage providerKey end { code culprit why next } }
        }
        silent {
          answer
          hourlyMsat
          wholeMsat
          provider { id key lastAt hardware { cpuModel cores } }
          rules { rule ok want have told }
        }
        exclusions { rule excludes alone }
        relaxation { gains hourlyMsat changes { field from to } }
      }
    }
    offers(first: 100, filter: { announcement: $of }) {
      edges { node { id leaseId providerKey hourlyMsat counterHourlyMsat status at hardware { cpuModel cores } } }
    }
  }
`)
