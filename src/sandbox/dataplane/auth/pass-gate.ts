import type { EmulatorClock } from '../../aws/state.ts';
import type { NameSource } from '../reach.ts';
import { headerValues, type RequestFacts } from '../request-facts.ts';
import { passAuthentication } from './authenticate.ts';
import { type ClaimsSigner, claimsSigner } from './claims-signer.ts';
import type { Gate } from './gate.ts';
import { type KeySets, keySets } from './key-sets.ts';
import type { AuthFailure } from './log-in.ts';
import { type ProviderRequest, providerRequest } from './provider-request.ts';
import { newSeal, type Seal } from './seal.ts';
import { checkToken } from './token-check.ts';

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

export type GateOutcome =
  /** Go on; `headers` for the target and `cookies` for the client's answer, both possibly none. */
  | { readonly pass: true; readonly headers: readonly string[]; readonly cookies: readonly string[] }
  /** The sandbox cannot say what a load balancer would do. */
  | { readonly pass: false; readonly unsupported: string }
  | {
      readonly pass: false;
      readonly unsupported?: undefined;
      readonly status: number;
      readonly location?: string;
      readonly cookies?: readonly string[];
      readonly failure?: AuthFailure;
    };

/** Whether a request may go on to its rule's last action. Never rejects. */
export const passGate = async (
  keeper: Gatekeeper,
  gate: Gate,
  request: RequestFacts,
  loadBalancerArn: string,
): Promise<GateOutcome> => {
  if (gate.kind === 'authenticate') return passAuthentication(keeper, gate, request, loadBalancerArn);
  const failure = await checkToken(keeper.keys, gate, headerValues(request.headers, 'authorization'));
  return failure === undefined
    ? { pass: true, headers: [], cookies: [] }
    : { pass: false, status: failure.status, failure };
};
