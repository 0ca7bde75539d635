/** IPAM pools that public addresses of application load balancers come from. */
import { InvalidConfigurationRequestException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { refuse } from '../wire/refusal.ts';

/** Throws unless a load balancer of the scheme may take its addresses from the pool. */
export const checkIpamPool = ({ network }: Account, pool: string, scheme: string): void => {
  const no = (message: string) => refuse(InvalidConfigurationRequestException$, message);
  if (scheme === 'internal') throw no('IPAM pools are for internet-facing load balancers');
  const found = network.ipamPools.get(pool);
  if (found === undefined) throw no(`The IPAM pool '${pool}' does not exist`);
  if (found.AddressFamily !== 'ipv4' || found.IpamScopeType !== 'public')
    throw no(`The IPAM pool '${pool}' must be a public IPv4 pool`);
};
