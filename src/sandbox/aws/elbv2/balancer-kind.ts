/** The kinds of load balancers served, and what belongs to which. */
import { notServed } from '../wire/refusal.ts';

export type BalancerKind = 'application' | 'network';

/** Listener protocols by kind of load balancer, as error texts list them. */
export const PROTOCOLS: Readonly<Record<BalancerKind, readonly string[]>> = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS'],
};

/** Real protocols of Network Load Balancers without a data plane here. */
const DATAGRAMS = ['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'];

/** The kind a request asks for; throws for one that is not served. */
export const balancerKind = (type: string | undefined): BalancerKind => {
  if (type === undefined || type === 'application' || type === 'network') return type ?? 'application';
  throw notServed(`load balancers of type ${type}`);
};

export const isHttp = (protocol: string | undefined): boolean => protocol === 'HTTP' || protocol === 'HTTPS';

/** Throws for protocols over UDP and those of Gateway Load Balancers. */
export const refuseOtherProtocols = (
  of: 'listeners' | 'target groups',
  protocol: string | undefined,
): void => {
  if (protocol !== undefined && (DATAGRAMS.includes(protocol) || protocol === 'GENEVE'))
    throw notServed(`${of} of protocol ${protocol}`);
};
