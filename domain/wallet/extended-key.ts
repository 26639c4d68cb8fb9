import type { Network } from '../chain/network.ts'

/** What extended keys begin with (BIP 32): `tpub` on networks for tests, whose coin type is 1, else `xpub`. */
export const extendedKeyVersions = ({ coinType }: Pick<Network, 'coinType'>) =>
  coinType === TEST_COIN_TYPE
    ? { private: 0x04358394, public: 0x043587cf }
    : { private: 0x0488ade4, public: 0x0488b21e }

const TEST_COIN_TYPE = 1
