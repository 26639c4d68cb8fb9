import { graphql } from '../graphql.ts'

/** Asks nothing to be done: what the text says. */
export const DECODE = graphql(`
  # once
  query DecodePsbt($psbt: String!) {
    decodePsbt(psbt: $psbt) {
      __typename
      ... on PsbtDecoded {
        version txid feeSats
        inputs { txid vout sats address own signed }
        outputs { sats address own }
      }
      ... on Problem { code message culprit next }
    }
  }
`)

export const SIGN = graphql(`
  mutation SignPsbt($psbt: String!) {
    signPsbt(psbt: $psbt) {
      __typename
      ... on PsbtMade { psbt signedInputs }
      ... on Problem { code message culprit next }
    }
  }
`)

export const COMBINE = graphql(`
  mutation CombinePsbts($psbts: [String!]!) {
    combinePsbts(psbts: $psbts) {
      __typename
      ... on PsbtMade { psbt }
      ... on Problem { code message culprit next }
    }
  }
`)

export const FINALIZE = graphql(`
  mutation FinalizePsbt($psbt: String!, $broadcast: Boolean!) {
    finalizePsbt(psbt: $psbt, broadcast: $broadcast) {
      __typename
      ... on PsbtFinalized { psbt txid raw broadcast }
      ... on Problem { code message culprit next }
    }
  }
`)
