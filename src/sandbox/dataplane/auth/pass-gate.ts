import { headerValues, type RequestFacts } from '../request-facts.ts';
import { passAuthentication } from './authenticate.ts';
import type { Gate } from './gate.ts';
import type { GateOutcome } from './gate-outcome.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { checkToken } from './token-check.ts';

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
