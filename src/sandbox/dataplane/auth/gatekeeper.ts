import type { EmulatorClock } from '../../aws/state.ts';
import type { NameSource } from '../reach.ts';
import { type ClaimsSigner, claimsSigner } from './claims-signer.ts';
import { type KeySets, keySets } from './key-sets.ts';
import { type ProviderRequest, providerRequest } from './provider-request.ts';
import { newSeal, type Seal } from './seal.ts';

/** What gates work with; one per data plane. */
export type Gatekeeper = {
  readonly clock: EmulatorClock;
  readonly names: NameSource;
  readonly request: ProviderRequest;
  readonly sessions: Seal;
  readonly logins: Seal;
  readonly signer: ClaimsSigner;
  readonly keys: KeySets;
};

export const gatekeeper = (clock: EmulatorClock, names: NameSource): Gatekeeper => {
  const request = providerRequest(names);
  const seal = newSeal();
  return {
    clock,
    names,
    request,
    sessions: seal('session'),
    logins: seal('login'),
    signer: claimsSigner(),
    keys: keySets(request),
  };
};
