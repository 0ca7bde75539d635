/** From where, and over which addresses, a load balancer is reached. */
export type Scheme = 'internal' | 'internet-facing';
export type IpAddressType = 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
